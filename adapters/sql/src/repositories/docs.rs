//! Articles of the documentation, and searching them.

use async_trait::async_trait;
use sarai_domain::devportal::{
    docs_article::{ArticleRevision, ArticleState, Audience, DocsArticle},
    values::{Locale, Slug},
};
use sarai_ports::{
    Page, PageRequest, Scope, StoreError,
    devportal::{DocsQuestion, DocsRepository, Found, TreeEntry},
};

use super::Readable;
use crate::{
    Database, Dialect, Record, Store, Value,
    aggregates::name,
    load::{Rows, corrupt, parsed, select},
    statement::{NEWEST, Statement, args},
};

impl Readable for DocsArticle {
    fn visible(statement: &mut Statement, scope: &Scope) {
        match scope {
            Scope::PlatformAdmin | Scope::System => {}
            _ => {
                statement.push("and r.state in ('PUBLISHED', 'ARCHIVED')");
            }
        }
    }
}

/// Texts that are read: where each stands, and the columns of a list.
const READ: &str = "select p.parent_id, p.section, p.slug, p.audience, p.place, p.locale, v.title, v.summary";
const FROM: &str = "from docs_published p join docs_revisions v on v.tenant_id = p.tenant_id \
     and v.parent_id = p.parent_id and v.key = p.revision \
     where p.tenant_id = 'platform' and p.api_version = $1";
const ORDER: &str = "order by p.section, p.place, p.slug, p.locale";

fn texts(of: impl Iterator<Item = String>) -> Value {
    Value::Texts(of.collect())
}

/// `READ … FROM`, for these audiences.
fn read(dialect: Dialect, more: &str, api_version: &str, audiences: &[Audience]) -> Statement {
    let mut statement = Statement::new(format!("{READ}{more} {FROM}"), args![api_version]);
    let place = statement.arg(texts(audiences.iter().map(name)));
    statement.push(&format!("and {}", dialect.among("p.audience", &place)));
    statement
}

/// That a text has every one of these words, in either of its forms.
fn has_all(statement: &mut Statement, question: &str) -> String {
    let words = question
        .split(' ')
        .map(|word| format!("({} or {})", statement.has("v.spaced", word), statement.has("v.joined", word)));
    words.collect::<Vec<_>>().join(" and ")
}

fn entry(record: &Record) -> Result<TreeEntry, StoreError> {
    let unreadable = |what: &str| StoreError::Unavailable(format!("a stored {what} is none"));
    let audience = Audience::ALL.iter().find(|one| record.text(3).is_ok_and(|text| name(*one) == text));
    let place = u32::try_from(record.int(4)?).map_err(|_| unreadable("place"))?;
    Ok(TreeEntry {
        article_id: parsed(record.text(0)?)?,
        section: parsed(record.text(1)?)?,
        slug: parsed(record.text(2)?)?,
        audience: *audience.ok_or_else(|| unreadable("audience"))?,
        order: place,
        locale: Locale::from_tag(record.text(5)?).ok_or_else(|| unreadable("locale"))?,
        title: record.text(6)?.to_owned(),
        summary: record.text(7)?.to_owned(),
    })
}

#[async_trait]
impl<D: Database> DocsRepository for Store<D> {
    async fn find_by_slug(
        &self,
        scope: &Scope,
        api_version: &str,
        slug: &Slug,
    ) -> Result<Option<DocsArticle>, StoreError> {
        let rows = Rows::Where(
            "x.key in (select p.revision from docs_published p where p.tenant_id = r.tenant_id \
             and p.parent_id = r.id)",
        );
        let text = format!(
            "{} where r.tenant_id = 'platform' and r.id = (select s.parent_id from docs_slugs s \
             where s.tenant_id = 'platform' and s.slot = $1)",
            select::<DocsArticle>(&rows)
        );
        let mut statement = Statement::new(text, args![format!("{api_version}:{slug}")]);
        DocsArticle::visible(&mut statement, scope);
        self.load_one(scope, statement).await
    }

    async fn tree(&self, api_version: &str, audiences: &[Audience]) -> Result<Vec<TreeEntry>, StoreError> {
        let mut statement = read(self.database.dialect(), "", api_version, audiences);
        statement.push(ORDER);
        self.ask(&Scope::Public, statement).await?.iter().map(entry).collect()
    }

    async fn search(&self, question: &DocsQuestion, limit: usize) -> Result<Vec<Found>, StoreError> {
        let dialect = self.database.dialect();
        let text = &question.text;
        if text.spaced.is_empty() {
            return Ok(Vec::new());
        }
        let mut statement = read(dialect, ", v.doc", &question.api_version, &question.audiences);
        let locales = statement.arg(texts(question.locales.iter().map(|locale| locale.as_str().to_owned())));
        let spaced = has_all(&mut statement, &text.spaced);
        let joined = has_all(&mut statement, &text.joined);
        let most = statement.arg(limit);
        let among = dialect.among("p.locale", &locales);
        statement.push(&format!("and {among} and (({spaced}) or ({joined})) {ORDER} limit {most}"));
        let found = self.ask(&Scope::Public, statement).await?;
        let found = found.iter().map(|record| {
            let revision: ArticleRevision = serde_json::from_str(record.text(8)?)
                .map_err(|error| corrupt::<DocsArticle>(record.text(0).unwrap_or_default(), &error))?;
            Ok(Found { entry: entry(record)?, body_md: revision.body_md })
        });
        found.collect()
    }

    async fn list_articles(
        &self,
        scope: &Scope,
        state: Option<ArticleState>,
        page: &PageRequest,
    ) -> Result<Page<DocsArticle>, StoreError> {
        let text = format!("{} where r.tenant_id = 'platform'", select::<DocsArticle>(&Rows::None));
        let mut statement = Statement::new(text, Vec::new());
        statement.within(scope, "r.tenant_id").and_if("r.state =", state.map(|state| name(&state)));
        self.load_page(scope, statement, NEWEST, page).await
    }
}
