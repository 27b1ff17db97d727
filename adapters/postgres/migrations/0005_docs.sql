-- Documentation and SDKs: rows of the tenant `platform` that everybody reads (ruling R27).

create table docs_articles (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    state id not null, api_version id not null,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create index docs_articles_id on docs_articles (id);
create index docs_articles_newest on docs_articles (tenant_id, created_at, id);

-- `spaced` and `joined` are the text as it is searched (D-INV-9).
create table docs_revisions (
    tenant_id id not null, parent_id id not null, key id not null, written_version bigint not null,
    locale id not null, title id not null, summary id not null, spaced id not null, joined id not null,
    doc json not null,
    primary key (tenant_id, parent_id, key),
    constraint docs_revisions_article foreign key (tenant_id, parent_id) references docs_articles
);

-- Every slug an article has or had (D-INV-4).
create table docs_slugs (
    tenant_id id not null, parent_id id not null, slot id not null,
    primary key (tenant_id, parent_id, slot),
    constraint docs_slugs_article foreign key (tenant_id, parent_id) references docs_articles
);
create unique index d_inv_4_slug on docs_slugs (tenant_id, slot);

-- Which revision of each locale is read.
create table docs_published (
    tenant_id id not null, parent_id id not null, locale id not null, revision id not null,
    api_version id not null, section id not null, slug id not null, audience id not null, place bigint not null,
    primary key (tenant_id, parent_id, locale),
    constraint docs_published_article foreign key (tenant_id, parent_id) references docs_articles
);
create index docs_published_tree on docs_published (tenant_id, api_version, section, place, slug, locale);

create table sdk_releases (
    tenant_id id not null, id id not null, version bigint not null, event_seq bigint not null,
    created_at timestamptz not null, doc json not null,
    language id not null, state id not null, version_slot id,
    primary key (tenant_id, id)
) with (fillfactor = 80);
create unique index r_inv_1_version on sdk_releases (tenant_id, version_slot) where version_slot is not null;
create index sdk_releases_id on sdk_releases (id);
create index sdk_releases_by_language on sdk_releases (tenant_id, language, created_at, id);

create table sdk_artifacts (
    tenant_id id not null, parent_id id not null, artifact_id id not null,
    primary key (tenant_id, parent_id, artifact_id),
    constraint sdk_artifacts_release foreign key (tenant_id, parent_id) references sdk_releases
);
create index sdk_artifacts_id on sdk_artifacts (tenant_id, artifact_id);

create table release_log (
    tenant_id id not null, seq bigint not null, event_id id not null, doc json not null, link json not null,
    primary key (tenant_id, seq)
);
create unique index release_log_event on release_log (tenant_id, event_id);

create table sdk_downloads (
    tenant_id id not null, hour timestamptz not null, release_id id not null, artifact_id id not null,
    client id not null,
    primary key (tenant_id, hour, release_id, artifact_id, client)
);
create index sdk_downloads_release on sdk_downloads (tenant_id, release_id, hour);

do $$
declare name text;
begin
    foreach name in array array['docs_articles', 'docs_revisions', 'docs_slugs', 'docs_published', 'sdk_releases',
        'sdk_artifacts', 'release_log', 'sdk_downloads'] loop
        execute format('alter table %I enable row level security', name);
        execute format('alter table %I force row level security', name);
    end loop;
end $$;
