//! Templates: a tenant's own, which staff review, and those that everybody has (devportal.md 3.6, ruling R27).

use std::sync::Arc;

use sarai_domain::{
    devportal::{
        sandbox::SandboxCode,
        template::{
            Filling, NewTemplate, NewVariant, OriginDomain, Rendered, TemplateError, TemplateName,
            TemplateVersion, VerifyTemplate, system_template, system_template_id,
        },
        values::{Brand, Channel, CodeLength, Locale, Purpose},
    },
    kernel::{Aggregate, Outcome, Timestamp, VerifyTemplateId},
};
use sarai_ports::{Page, PageRequest, Scope, auth::Role};

use crate::{AppError, Call, Loaded, Ports, app::at_version};

/// What a template says.
#[derive(Debug, Clone)]
pub struct Texts {
    /// Where codes are to be typed.
    pub domain: Option<OriginDomain>,
    /// The text of each channel and language.
    pub variants: Vec<NewVariant>,
}

/// What a sample is filled with.
#[derive(Debug, Clone)]
pub struct Sample {
    /// Of which version; the newest where none is named.
    pub version_no: Option<u32>,
    /// For which channel.
    pub channel: Channel,
    /// In which language.
    pub locale: Locale,
    /// Who sends.
    pub brand: Brand,
    /// How long the code is good.
    pub minutes: u16,
}

/// The use cases of templates.
#[derive(Clone)]
pub struct Templates {
    ports: Arc<Ports>,
}

/// Refuses whoever is no developer: no key may do this.
fn developer(call: &Call) -> Result<(), AppError> {
    if call.principal.has(Role::Developer) {
        Ok(())
    } else {
        Err(AppError::forbidden("the caller's roles do not allow this"))
    }
}

/// The template of an id that everybody has, if it is one.
fn system(id: VerifyTemplateId) -> Result<Option<VerifyTemplate>, TemplateError> {
    let purpose = Purpose::ALL.iter().find(|purpose| system_template_id(**purpose) == id);
    purpose.map(|purpose| system_template(*purpose, Timestamp::from_unix_micros(0))).transpose()
}

impl Ports {
    /// A template that everybody has, or one that this scope reads.
    pub(super) async fn template(
        &self,
        scope: &Scope,
        id: VerifyTemplateId,
    ) -> Result<VerifyTemplate, AppError> {
        if let Some(template) = system(id)? {
            return Ok(template);
        }
        let found = self.devportal.templates().find(scope, &id).await?;
        found.ok_or_else(|| AppError::not_found("template"))
    }
}

impl Templates {
    /// Over these ports.
    pub fn new(ports: Arc<Ports>) -> Self {
        Self { ports }
    }

    /// Writes a template; its first version is a draft.
    ///
    /// # Errors
    /// What [`VerifyTemplate::create`] refuses.
    pub async fn create(
        &self,
        call: &Call,
        name: TemplateName,
        (default_locale, locale_fallbacks): (Locale, Vec<Locale>),
        texts: Texts,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        developer(call)?;
        self.ports.require_active(call).await?;
        let now = self.ports.now();
        let new = NewTemplate {
            id: VerifyTemplateId::new(self.ports.ulid()),
            owner: call.principal.tenant_id.clone(),
            name,
            default_locale,
            locale_fallbacks,
            domain: texts.domain,
            variants: texts.variants,
        };
        let template = VerifyTemplate::create(new, now)?;
        let context = call.context("template.create", &template.id(), now);
        let templates = self.ports.devportal.templates();
        let saved = self.ports.save(templates, &call.scope(), template.clone(), context).await?;
        Ok(Loaded { aggregate: template, version: saved.unwrap_or(1) })
    }

    /// One of the tenant's, or one that everybody has.
    ///
    /// # Errors
    /// `not_found`.
    pub async fn get(&self, call: &Call, id: VerifyTemplateId) -> Result<VerifyTemplate, AppError> {
        let scope = match developer(call) {
            Ok(()) => call.scope(),
            Err(_) => call.platform_scope()?,
        };
        self.ports.template(&scope, id).await
    }

    /// The tenant's, newest first.
    ///
    /// # Errors
    /// `forbidden`.
    pub async fn list(&self, call: &Call, page: &PageRequest) -> Result<Page<VerifyTemplate>, AppError> {
        developer(call)?;
        let tenant = &call.principal.tenant_id;
        Ok(self.ports.devportal.templates().find_templates(&call.scope(), tenant, page).await?)
    }

    /// Those that everybody has: one for each purpose.
    ///
    /// # Errors
    /// `forbidden`.
    pub fn of_everybody(&self, call: &Call) -> Result<Page<VerifyTemplate>, AppError> {
        developer(call)?;
        let all =
            Purpose::ALL.iter().map(|purpose| system_template(*purpose, Timestamp::from_unix_micros(0)));
        let items = all.collect::<Result<_, _>>()?;
        Ok(Page { items, next: None, prev: None })
    }

    /// Writes the newest version anew; `version` is what the writer saw.
    ///
    /// # Errors
    /// `precondition_failed`, and what [`VerifyTemplate::edit`] refuses.
    pub async fn edit(
        &self,
        call: &Call,
        id: VerifyTemplateId,
        version: u64,
        texts: Texts,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        developer(call)?;
        self.ports.require_active(call).await?;
        self.change(call, call.scope(), id, "template.edit", |template, now| {
            at_version(template.version(), version)?;
            let newest = template.data().latest;
            Ok(template.edit(newest, texts.domain.clone(), texts.variants.clone(), now)?)
        })
        .await
    }

    /// Hands the newest version in.
    ///
    /// # Errors
    /// `template.invalid_transition`.
    pub async fn submit(
        &self,
        call: &Call,
        id: VerifyTemplateId,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        developer(call)?;
        self.ports.require_active(call).await?;
        self.change(call, call.scope(), id, "template.submit", |template, now| {
            Ok(template.submit(template.data().latest, now)?)
        })
        .await
    }

    /// Begins a new version with the texts of the newest.
    ///
    /// # Errors
    /// `template.version_open`.
    pub async fn new_version(
        &self,
        call: &Call,
        id: VerifyTemplateId,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        developer(call)?;
        self.ports.require_active(call).await?;
        self.change(call, call.scope(), id, "template.new_version", |template, now| {
            template.new_version(now)?;
            Ok(Outcome::Applied)
        })
        .await
    }

    /// Ends a version for good: the one named, else the one in use, else the newest.
    ///
    /// # Errors
    /// `template.invalid_transition`, `template.no_version`.
    pub async fn archive(
        &self,
        call: &Call,
        id: VerifyTemplateId,
        version_no: Option<u32>,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        developer(call)?;
        self.change(call, call.scope(), id, "template.archive", |template, now| {
            let data = template.data();
            let no = version_no.or(data.approved).unwrap_or(data.latest);
            Ok(template.archive(no, now)?)
        })
        .await
    }

    /// Accepts the version that was handed in, by the platform's staff.
    ///
    /// # Errors
    /// `template.invalid_transition`.
    pub async fn approve(
        &self,
        call: &Call,
        id: VerifyTemplateId,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        let scope = call.platform_scope()?;
        self.change(call, scope, id, "template.approve", |template, now| {
            Ok(template.approve(template.data().latest, now)?)
        })
        .await
    }

    /// Sends it back, by the platform's staff.
    ///
    /// # Errors
    /// `template.reason_required`, `template.invalid_transition`.
    pub async fn reject(
        &self,
        call: &Call,
        id: VerifyTemplateId,
        reason: &str,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        let scope = call.platform_scope()?;
        self.change(call, scope, id, "template.reject", |template, now| {
            Ok(template.reject(template.data().latest, reason, now)?)
        })
        .await
    }

    /// A message as it would leave, with a code that is none.
    ///
    /// # Errors
    /// `template.no_version`, `template.no_variant`.
    pub async fn render(
        &self,
        call: &Call,
        id: VerifyTemplateId,
        sample: &Sample,
    ) -> Result<(Rendered, TemplateVersion, Locale), AppError> {
        let template = self.get(call, id).await?;
        let data = template.data();
        let version = template.version_no(sample.version_no.unwrap_or(data.latest));
        let version = version.ok_or(TemplateError::NoVersion)?;
        let Sample { channel, locale, brand, minutes, .. } = sample;
        let variant = version.variant(*channel, &data.chain(*locale));
        let missing = TemplateError::NoVariant { channel: *channel, locale: *locale };
        let variant = variant.ok_or(missing)?;
        let code = SandboxCode { seed: 0, ordinal: 1, fixed: true }.derive(1, CodeLength::default());
        let filling = Filling { brand, code: &code, minutes: *minutes, domain: version.domain.as_ref() };
        Ok((variant.render(&filling)?, version.clone(), variant.locale))
    }

    async fn change(
        &self,
        call: &Call,
        scope: Scope,
        id: VerifyTemplateId,
        action: &'static str,
        mut command: impl FnMut(&mut VerifyTemplate, Timestamp) -> Result<Outcome, AppError> + Send,
    ) -> Result<Loaded<VerifyTemplate>, AppError> {
        let now = self.ports.now();
        let (context, templates) = (call.context(action, &id, now), self.ports.devportal.templates());
        self.ports.change(templates, &scope, &id, context, |template| command(template, now)).await
    }
}
