-- Documentation and SDKs: rows of the tenant `platform` that everybody reads (ruling R27).

create table docs_articles (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    state text not null, api_version text not null,
    primary key (tenant_id, id)
);
create index docs_articles_id on docs_articles (id);
create index docs_articles_newest on docs_articles (tenant_id, created_at, id);

-- `spaced` and `joined` are the text as it is searched (D-INV-9).
create table docs_revisions (
    tenant_id text not null, parent_id text not null, key text not null, written_version integer not null,
    locale text not null, title text not null, summary text not null, spaced text not null, joined text not null,
    doc text not null,
    primary key (tenant_id, parent_id, key)
);

-- Every slug an article has or had (D-INV-4).
create table docs_slugs (
    tenant_id text not null, parent_id text not null, slot text not null,
    primary key (tenant_id, parent_id, slot)
);
create unique index d_inv_4_slug on docs_slugs (slot);

-- Which revision of each locale is read.
create table docs_published (
    tenant_id text not null, parent_id text not null, locale text not null, revision text not null,
    api_version text not null, section text not null, slug text not null, audience text not null, place integer not null,
    primary key (tenant_id, parent_id, locale)
);
create index docs_published_tree on docs_published (tenant_id, api_version, section, place, slug, locale);

create table sdk_releases (
    tenant_id text not null, id text not null, version integer not null, event_seq integer not null,
    created_at integer not null, doc text not null,
    language text not null, state text not null, version_slot text,
    primary key (tenant_id, id)
);
create unique index r_inv_1_version on sdk_releases (version_slot) where version_slot is not null;
create index sdk_releases_id on sdk_releases (id);
create index sdk_releases_by_language on sdk_releases (tenant_id, language, created_at, id);

create table sdk_artifacts (
    tenant_id text not null, parent_id text not null, artifact_id text not null,
    primary key (tenant_id, parent_id, artifact_id)
);
create index sdk_artifacts_id on sdk_artifacts (tenant_id, artifact_id);

create table release_log (
    tenant_id text not null, seq integer not null, event_id text not null, doc text not null, link text not null,
    primary key (tenant_id, seq)
);
create unique index release_log_event on release_log (tenant_id, event_id);

create table sdk_downloads (
    tenant_id text not null, hour integer not null, release_id text not null, artifact_id text not null,
    client text not null,
    primary key (tenant_id, hour, release_id, artifact_id, client)
);
create index sdk_downloads_release on sdk_downloads (tenant_id, release_id, hour);
