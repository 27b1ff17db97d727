//! What holds of every stored template and its versions, one row a rule.

use std::collections::BTreeSet;

use super::{TemplateData, TemplateError, TemplateState, TemplateVersion, VerifyTemplate};
use crate::{
    devportal::{
        invariants::{T_INV_1, T_INV_3, T_INV_9},
        values::Channel,
    },
    kernel::{Audited, Rule, require},
};

type Result = std::result::Result<(), TemplateError>;

impl Audited for VerifyTemplate {
    #[rustfmt::skip]
    const RULES: &'static [Rule<Self>] = &[
        Rule::<Self>::ours(       |data, rows| holds(rows.iter().all(|row| row.template_id == data.id && (1..=data.latest).contains(&row.no)), "a version of another template")),
        Rule::<Self>::of(T_INV_1, |_, rows| rows.iter().try_for_each(texts)),
        Rule::<Self>::of(T_INV_3, |data, rows| rows.iter().try_for_each(|row| defaults(data, row))),
        Rule::<Self>::ours(       |_, rows| rows.iter().try_for_each(once)),
        Rule::<Self>::of(T_INV_9, |_, rows| rows.iter().try_for_each(ended)),
        Rule::<Self>::ours(       |data, rows| holds(in_use(data, rows), "the version in use is not the approved one")),
    ];
}

impl VerifyTemplate {
    /// What must hold of the template and the versions loaded.
    ///
    /// # Errors
    /// The first [`TemplateError`] found.
    pub fn check_invariants(&self) -> Result {
        let rows: Vec<TemplateVersion> = self.versions.values().cloned().collect();
        require::<Self>(&self.root.data, &rows)
    }
}

/// What must hold of a version.
pub(super) fn version(data: &TemplateData, row: &TemplateVersion) -> Result {
    holds(!row.variants.is_empty(), "a version has no text").map_err(|_| TemplateError::Length)?;
    texts(row)?;
    once(row)?;
    defaults(data, row)
}

fn holds(holds: bool, what: &'static str) -> Result {
    if holds { Ok(()) } else { Err(TemplateError::Inconsistent(what)) }
}

fn texts(row: &TemplateVersion) -> Result {
    row.variants.iter().try_for_each(|variant| variant.check(row.domain.as_ref()))
}

fn defaults(data: &TemplateData, row: &TemplateVersion) -> Result {
    let has = |channel: Channel, default: bool| {
        row.variants
            .iter()
            .any(|one| one.channel == channel && (!default || one.locale == data.default_locale))
    };
    match Channel::ALL.iter().find(|channel| has(**channel, false) && !has(**channel, true)) {
        Some(channel) => Err(TemplateError::DefaultMissing { channel: *channel }),
        None => Ok(()),
    }
}

fn once(row: &TemplateVersion) -> Result {
    let mut seen = BTreeSet::new();
    match row.variants.iter().find(|one| !seen.insert((one.channel, one.locale))) {
        Some(twice) => Err(TemplateError::VariantTwice { channel: twice.channel, locale: twice.locale }),
        None => Ok(()),
    }
}

/// Since when a version starts no session is known.
fn ended(row: &TemplateVersion) -> Result {
    let over = matches!(row.state, TemplateState::Retired | TemplateState::Archived);
    let approved = row.approved_at.is_some();
    let was = over || row.state == TemplateState::Approved;
    if over == row.ended_at.is_some() && approved == was {
        Ok(())
    } else {
        Err(TemplateError::NotUsable { version_no: row.no })
    }
}

fn in_use(data: &TemplateData, rows: &[TemplateVersion]) -> bool {
    rows.iter().all(|row| (row.state == TemplateState::Approved) == (data.approved == Some(row.no)))
}
