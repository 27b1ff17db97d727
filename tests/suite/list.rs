//! The one list of cases. [`conformance`](crate::conformance) expands it to a named test each.

/// Expands every case to a test over an adapter: `conformance!(memory, crate::MemoryHarness)`.
///
/// The harness is a path from the crate's root, because the tests stand in modules of their own. The calling
/// crate needs `tokio` with its macros and the multi-threaded runtime.
#[macro_export]
macro_rules! conformance {
    ($adapter:ident, $harness:path) => {
        mod $adapter {
            $crate::every_aggregate! { $harness; listing Listings, order Orders, license Licenses,
            coupon Coupons, saga Sagas, quote Quotes, provider_earnings Earnings, account Accounts, key Keys,
            verification Sessions, template Templates }
            $crate::every_port! { $harness }

            /// Random lists of operations against the reference model.
            mod model {
                #[test]
                fn random_lists_agree() {
                    $crate::model::random_lists_agree::<$harness>();
                }
            }
        }
    };
}

/// The cases that hold of every aggregate, once for each.
#[doc(hidden)]
#[macro_export]
macro_rules! every_aggregate {
    ($harness:path; $($name:ident $subject:ident),*) => {$(
        mod $name {
            $crate::generic_cases! { $harness; $subject; aggregates {
                round_trips, a_change_round_trips, nothing_is_pending_after_loading,
                an_unknown_id_is_not_found, the_version_counts_saves, a_save_leaves_others_alone,
                a_stale_save_writes_nothing, a_conflict_names_the_aggregate,
                a_retry_after_a_conflict_loads_anew, an_id_is_inserted_once, an_update_needs_a_row,
                of_racing_saves_one_wins, of_racing_inserts_one_wins, events_are_numbered_without_gaps,
                each_aggregate_numbers_its_own_events, an_unrouted_event_takes_its_number,
                every_consumer_gets_every_event, events_carry_their_envelope, a_save_leaves_one_audit_row,
                a_corrupt_document_is_an_error, a_change_that_is_not_saved_is_lost,
            } }
            $crate::generic_cases! { $harness; $subject; tenancy {
                its_tenant_finds_it, another_tenant_finds_nothing, the_public_finds_nothing, staff_find_it,
                workers_find_it, its_tenant_saves_it, staff_save_it, another_tenant_cannot_insert_it,
                another_tenant_cannot_change_it, another_tenant_cannot_probe_versions,
                the_public_cannot_save_it,
            } }
            $crate::generic_cases! { $harness; $subject; inbox {
                a_message_has_its_effect_once, a_message_inserts_once, a_message_may_have_several_targets,
                each_consumer_has_its_own_inbox, another_message_has_its_effect,
                a_conflict_does_not_consume, a_refused_scope_does_not_consume,
                of_racing_copies_one_has_its_effect,
            } }
            $crate::generic_cases! { $harness; $subject; claims {
                the_effect_takes_the_key, a_held_key_refuses_the_effect, a_used_key_refuses_another_effect,
                a_lapsed_key_takes_the_effect, a_conflict_leaves_the_key_free,
                of_racing_effects_one_is_written,
            } }
        }
    )*};
}

/// The cases of each port.
#[doc(hidden)]
#[macro_export]
macro_rules! every_port {
    ($harness:path) => {
        $crate::cases! { $harness; verify {
            v_inv_11_one_session_is_live_for_a_destination,
            v_inv_11_of_racing_starts_one_is_live,
            v_inv_4_no_more_checks_are_compared_than_allowed,
            v_inv_7_of_racing_right_codes_one_approves,
            v_inv_16_failed_checks_outlive_their_session,
            v_inv_16_a_right_code_clears_the_address_it_proved_and_no_other,
            v_inv_16_twenty_five_checks_fail_in_a_day,
            m_inv_1_a_cap_holds_under_racing_sends,
            what_is_held_is_settled_or_released_with_the_session,
            sends_are_counted_exactly,
            a_tenant_s_new_limit_counts_the_hour_before_it,
            the_platform_s_limit_counts_every_tenant,
            who_has_proven_an_address_has_windows_of_their_own,
            what_is_due_is_found,
            a_list_is_of_one_world,
        } }
        $crate::cases! { $harness; receipts {
            a_part_is_found_by_its_provider, a_final_word_stays, a_receipt_waits_under_each_of_its_names,
        } }
        $crate::cases! { $harness; sandboxes {
            an_account_has_one_default_sandbox, sandboxes_are_listed_and_end,
            clearing_a_sandbox_deletes_what_is_in_it,
        } }
        $crate::cases! { $harness; listings {
            a_live_one_is_found_by_all, a_live_one_is_still_its_owner_s_to_save,
            a_suspended_one_is_hidden_again, prices_keep_their_scale, a_provider_s_list_turns_its_pages,
            a_state_s_list_turns_its_pages, a_provider_s_list_filters_by_state,
            a_state_s_list_follows_the_state, a_stranger_s_list_shows_live_ones,
            a_state_s_list_is_within_the_scope, an_empty_list_is_one_empty_page,
            a_revision_that_waits_is_found,
        } }
        $crate::cases! { $harness; orders {
            refunds_round_trip, a_refused_save_leaves_no_refund, of_racing_refunds_one_is_opened,
            a_tenant_s_list_turns_its_pages, a_user_s_list_turns_its_pages,
            a_list_filters_by_status, a_stranger_s_list_is_empty, pending_refunds_are_found,
            pending_refunds_are_limited, a_pending_refund_beside_a_stray_is_found, stray_captures_are_found,
            a_quote_becomes_one_order, orders_without_a_quote_are_many, fifty_lines_round_trip,
            amounts_keep_their_scale, a_line_leads_to_its_order, its_provider_does_not_find_it,
        } }
        $crate::cases! { $harness; licenses {
            seats_round_trip, one_user_s_seats_are_loaded, one_seat_is_loaded,
            rows_that_were_not_loaded_stay, a_stranger_loads_no_seats, the_last_seat_is_taken_once,
            the_seats_list_turns_its_pages, a_tenant_s_list_turns_its_pages,
            a_provider_s_list_turns_its_pages, a_provider_sees_no_users, a_stranger_s_lists_are_empty,
            a_list_filters_by_user_and_state, a_line_has_one_licence_for_a_period,
            of_racing_grants_one_is_stored, orders_and_lines_lead_to_it, entitlement_loads_one_user,
            a_gift_is_found_by_its_code, a_gift_s_code_is_unique, of_racing_claims_one_gets_the_gift,
            one_ends_at_its_end, an_unclaimed_gift_ends, one_without_an_end_never_ends,
            one_that_is_over_does_not_end, a_renewal_moves_the_end, the_earliest_end_first,
            a_revoked_one_keeps_its_rows, a_waitlist_round_trips, the_rows_asked_for_are_loaded,
            a_release_serves_the_head_of_the_line, the_waitlist_turns_its_pages,
            racing_releases_and_joins_keep_the_line,
        } }
        $crate::cases! { $harness; coupons {
            a_global_code_is_unique, a_scoped_code_is_unique, each_owner_has_its_own_codes,
            an_edit_moves_the_code, a_stopped_one_keeps_its_code, of_racing_codes_one_is_stored,
            a_code_finds_what_it_may_mean, an_owner_s_list_turns_its_pages, a_stranger_s_list_is_empty,
            twenty_race_for_five_uses, a_user_s_uses_are_capped, a_released_slot_is_taken_again,
            an_order_has_one_use, racing_copies_take_one_use, an_uncapped_one_counts_too, a_use_is_a_save,
            a_refused_use_leaves_nothing, an_unknown_one_has_no_uses, a_stopped_or_ended_one_refuses,
            a_fixed_one_is_for_its_currency, a_message_takes_one_use, a_held_key_refuses_the_use,
            one_order_s_use_is_loaded, one_is_stopped_without_its_uses, a_use_is_given_back_once, a_hold_lapses_at_its_end,
            the_earliest_lapse_first, a_new_hold_lapses_anew, a_late_capture_goes_beyond_the_cap,
        } }
        $crate::cases! { $harness; sagas {
            an_order_has_one_saga, of_racing_sagas_one_is_stored, its_order_leads_to_it,
            a_payment_times_out_from_its_deadline_on, only_awaiting_payment_times_out,
            a_fired_time_out_is_not_found_again, the_earliest_time_out_first,
            one_is_due_from_its_next_attempt_on, an_attempt_moves_the_next, one_that_is_over_is_never_due,
            the_earliest_are_due_first, the_next_due_time_is_after, orders_without_one_are_found,
            orders_without_one_are_limited, the_list_turns_its_pages, the_list_is_for_staff,
            stuck_ones_are_found, its_history_round_trips, a_large_saga_round_trips,
        } }
        $crate::cases! { $harness; quotes {
            one_is_due_from_its_end_on, one_that_is_over_is_not_due, the_earliest_are_due_first,
            the_next_end_is_after, its_order_leads_to_it, its_parts_round_trip,
        } }
        $crate::cases! { $harness; accounts {
            an_identity_has_one_account, of_racing_registrations_one_is_stored, its_identity_leads_to_it,
        } }
        $crate::cases! { $harness; docs {
            an_article_round_trips, a_slug_is_one_article_s_for_ever, its_slugs_lead_to_it,
            only_the_platform_saves_it, the_tree_has_what_is_read, a_text_is_found_in_any_spelling,
            a_search_follows_what_is_published, the_list_turns_its_pages,
        } }
        $crate::cases! { $harness; sdks {
            a_version_is_one_release_s, what_is_released_is_found_by_all, a_language_s_list_turns_its_pages,
            the_log_is_one_chain, a_download_counts_once_an_hour,
        } }
        $crate::cases! { $harness; usage {
            a_message_is_counted_once, of_racing_messages_each_is_counted_once, counters_are_summed_up_as_asked,
            nobody_else_counts_or_sees,
        } }
        $crate::cases! { $harness; keys {
            a_label_is_unique_among_open_keys, a_successor_shares_its_label, a_key_has_one_successor,
            of_racing_labels_one_is_stored, a_discarded_successor_gives_its_place_back,
            a_world_hides_the_other_one, a_world_s_key_is_not_saved_from_the_other_one,
            the_list_turns_its_pages, the_list_is_of_one_world, the_list_follows_the_status,
            keys_in_effect_are_counted, open_ones_of_both_worlds_are_found, an_end_is_due_from_its_instant_on,
            the_earliest_end_first, notices_are_due_one_after_the_other, one_that_is_not_issued_is_found,
            a_rotation_that_stopped_is_found, untold_revocations_are_found, a_use_is_noted_forward_only,
            a_save_leaves_the_use, a_use_leaves_the_version, a_discarded_key_gives_its_claim_back,
        } }
        $crate::cases! { $harness; webhooks {
            endpoints_are_found_in_their_world, a_deleted_endpoint_is_nobody_s, endpoints_that_listen_are_found_in_parts,
            the_list_of_deliveries_turns_its_pages, deliveries_are_filtered_and_counted,
            an_event_is_delivered_to_an_endpoint_once, what_is_due_is_taken_once, of_racing_senders_each_takes_its_own,
            a_claim_lapses_and_is_given_back, a_save_leaves_the_claim, an_endpoint_tells_how_it_fares,
            what_was_lost_is_found_until_it_is_sent_again, what_waits_for_a_later_attempt_is_lost_too,
            what_has_ended_is_forgotten,
        } }
        $crate::cases! { $harness; earnings {
            the_first_line_opens_the_period, lines_add_up, a_line_enters_once, racing_copies_enter_once,
            racing_lines_are_not_lost, a_closed_period_refuses, a_closed_period_knows_its_lines,
            a_message_has_its_effect_once, a_sale_is_reversed_once, an_order_line_s_lines_are_found,
            lines_round_trip, periods_come_in_order, states_are_found, a_provider_s_list_turns_its_pages,
            a_list_filters_and_hides, the_next_close_is_after, a_pending_refund_is_an_open_matter,
            an_open_dispute_is_an_open_matter, an_unaccrued_fulfilment_is_an_open_matter,
        } }
        $crate::cases! { $harness; statements {
            an_unknown_period_is_empty, lines_are_sealed_in_the_order_of_their_commits,
            unsealed_lines_are_limited, a_stale_seal_writes_nothing,
            a_seal_that_leaves_a_line_out_is_refused, racing_sealers_make_one_chain,
            sealed_lines_turn_their_pages, a_stranger_sees_no_line, a_period_without_its_lines_has_its_sums, a_list_has_the_latest_lines,
            what_can_still_be_given_back_is_held, chains_that_grew_are_to_be_anchored,
        } }
        $crate::cases! { $harness; outbox {
            events_are_found_by_what_set_them_off, a_delivery_knows_what_comes_before_it, what_waits_is_told_by_its_aggregate,
            a_redriven_dead_letter_has_all_its_tries_again,
            a_commit_s_deliveries_are_claimed, a_lapsed_claim_is_taken_over,
            a_lease_is_as_long_as_asked_for, what_is_done_is_gone, an_old_fence_cannot_finish,
            an_old_fence_cannot_release, an_old_fence_cannot_fail, a_released_claim_is_free_at_once,
            a_failure_backs_off, the_twentieth_failure_is_the_last, later_events_wait_behind_a_dead_letter,
            a_dead_letter_stops_nobody_else, only_the_head_is_taken,
            a_run_of_a_queue_is_taken_at_once, events_of_one_save_come_in_order,
            a_commit_waits_behind_a_failure, a_commit_waits_behind_a_lapsed_claim,
            consumers_do_not_wait_for_each_other, a_claim_keeps_to_its_limit,
            of_racing_relays_one_takes_each, racing_relays_keep_the_order, a_refused_save_inserts_none,
                a_commit_waits_behind_another_process, a_commit_waits_behind_a_takeover,
                processes_share_the_fences,
            only_what_is_wanted_is_taken, many_are_done_at_once, a_claim_says_how_long_it_holds,
            all_dead_letters_are_redriven, backlogs_are_told_by_consumer, a_range_is_published_again,
            what_is_published_again_comes_before_later_events,
        } }
        $crate::cases! { $harness; leases {
            one_is_taken_once, its_holder_prolongs_it, a_lapsed_one_is_taken_over, one_given_back_is_free,
            what_is_held_is_listed, of_racing_takers_one_has_it,
        } }
        $crate::cases! { $harness; feed {
            an_event_is_read_once_it_is_numbered, every_audience_has_its_own_numbers,
            an_internal_event_is_in_no_feed, an_event_without_consumers_is_in_the_feed,
            a_feed_is_read_in_parts, an_aggregate_s_events_are_numbered_in_order,
            sequencing_keeps_to_its_limit, a_later_commit_has_a_higher_number, a_refused_save_is_in_no_feed,
            what_waits_is_counted, one_process_holds_the_lease, an_old_fence_numbers_nothing,
            a_released_lease_is_free_at_once, processes_share_the_numbers, moves_come_in_order,
            sandboxes_have_a_feed_of_their_own,
            what_is_old_is_forgotten, what_was_numbered_late_is_kept,
            racing_commits_and_sequencers_leave_no_gap,
        } }
        $crate::cases! { $harness; idempotency {
            an_unknown_key_is_free, a_claim_is_found, a_held_key_is_refused, another_request_is_refused,
            a_lapsed_key_is_taken_over, a_lapsed_key_with_an_effect_is_kept, an_answered_key_is_kept,
            of_racing_claims_one_holds, of_racing_takeovers_one_holds, an_answer_comes_back_byte_for_byte,
            an_answer_takes_the_key, the_first_answer_stays, another_request_s_answer_is_not_kept,
            an_answer_keeps_the_effect, a_refusal_is_not_kept_with_another_s_effect, an_abandoned_key_is_free, an_effect_is_not_abandoned,
            keys_are_apart, old_keys_are_forgotten,
        } }
        $crate::cases! { $harness; audit {
            the_log_turns_its_pages, a_tenant_reads_its_own_rows, a_deed_is_noted, places_grow, rows_say_when,
        } }
        $crate::cases! { $harness; inventory {
            everything_is_read_in_parts, periods_are_read_in_parts, one_is_looked_up_with_its_rows,
            what_is_broken_is_read_all_the_same, postings_are_found_by_order_line, what_is_under_way_is_known,
            dead_letters_are_listed,
        } }
        $crate::cases! { $harness; catalog {
            only_what_can_be_bought_is_found, the_newest_turn_their_pages, prices_turn_their_pages,
            the_price_is_the_cheapest_active_plan_s, words_are_found, filters_narrow,
            shipping_needs_both_facts, the_latest_word_on_a_seller_stands, retiring_sees_licences,
            retiring_sees_open_orders, sold_lines_turn_their_pages, sales_are_the_provider_s,
            an_unlimited_licence_round_trips,
        } }
    };
}

/// A module of tests from the cases of a file.
#[doc(hidden)]
#[macro_export]
macro_rules! cases {
    ($harness:path; $file:ident { $($case:ident),* $(,)? }) => {
        mod $file {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                $crate::$file::$case(&<$harness as $crate::Harness>::fresh().await).await;
            }
        )*}
    };
}

/// A module of tests from the cases of a file, over one aggregate.
#[doc(hidden)]
#[macro_export]
macro_rules! generic_cases {
    ($harness:path; $subject:ident; $file:ident { $($case:ident),* $(,)? }) => {
        mod $file {$(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $case() {
                let ports = <$harness as $crate::Harness>::fresh().await;
                $crate::$file::$case::<$crate::subject::$subject>(&ports).await;
            }
        )*}
    };
}
