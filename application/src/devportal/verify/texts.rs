//! What a send says, and how many messages that is.

use sarai_domain::{
    devportal::{
        sandbox::SandboxCode,
        template::{Filling, Rendered, TemplateError, VerifyTemplate},
        values::{Brand, Channel, CodeLength, Locale, PlainCode},
        verify::{TemplatePin, VerifySession},
    },
    kernel::Aggregate as _,
};
use sarai_ports::Scope;

use super::Verify;
use crate::AppError;

/// What every send of a session says, whatever its code.
pub(super) struct Text<'a> {
    /// The template.
    pub template: &'a VerifyTemplate,
    /// Which version.
    pub pin: TemplatePin,
    /// In which language.
    pub locale: Locale,
    /// Who sends.
    pub brand: &'a Brand,
    /// How many digits the code has.
    pub code_length: CodeLength,
    /// How long it is good.
    pub minutes: u16,
}

impl<'a> Text<'a> {
    /// A session's, with the template that it pinned.
    pub(super) fn of(session: &'a VerifySession, template: &'a VerifyTemplate) -> Self {
        let data = session.data();
        Self {
            template,
            pin: data.template,
            locale: data.locale_used,
            brand: &data.brand,
            code_length: data.policy.terms.code_length,
            minutes: data.minutes(),
        }
    }

    /// With its code.
    pub(super) fn with(&self, channel: Channel, code: &PlainCode) -> Result<Rendered, TemplateError> {
        let filling = Filling { brand: self.brand, code, minutes: self.minutes, domain: None };
        self.template.render(self.pin.version_no, channel, self.locale, &filling)
    }

    /// How many messages it is, where the channel has any.
    pub(super) fn segments(&self, channel: Channel) -> Result<Option<u8>, TemplateError> {
        let code = SandboxCode { seed: 0, ordinal: 1, fixed: false }.derive(1, self.code_length);
        match self.with(channel, &code)? {
            Rendered::Text { segments, .. } => Ok(Some(segments)),
            Rendered::Email { .. } | Rendered::Speech { .. } => Ok(None),
        }
    }
}

impl Verify {
    /// The template that a session pinned.
    pub(super) async fn template_of(&self, session: &VerifySession) -> Result<VerifyTemplate, AppError> {
        let data = session.data();
        let scope = Scope::Within(data.tenant_id.clone());
        self.ports.template(&scope, data.template.template_id).await
    }
}
