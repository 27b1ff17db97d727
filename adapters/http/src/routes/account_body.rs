//! An account as it is shown, and a change of one.

use poem_openapi::{Enum, Object, types::MaybeUndefined};
use sarai_application::Loaded;
use sarai_domain::{
    devportal::{
        account::{AccountState, DeveloperAccount, MfaPreference, ProfileEdit},
        values::{CompanyName, DisplayName, Locale, Timezone},
    },
    kernel::{external_id::kinds as external, id::kinds},
    marketplace::listing::Patch,
};
use sarai_ports::auth::Principal;

use super::members::{always, at, optional};
use crate::{
    problem::Problem,
    scalars::{ApiExternalId, ApiId, ApiTimestamp},
};

/// A language of ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "Locale", rename_all = "snake_case")]
pub enum ApiLocale {
    /// English.
    En,
    /// Pashto.
    Ps,
    /// Dari.
    Fa,
}

/// Which second factor is preferred.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "MfaPreference", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiMfaPreference {
    /// None.
    None,
    /// A code of an authenticator.
    Totp,
    /// A passkey.
    Webauthn,
}

/// Where an account stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Enum)]
#[oai(rename = "AccountState", rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ApiAccountState {
    /// It may do what its roles allow.
    Active,
    /// It may read.
    Suspended,
    /// It is over.
    Closed,
}

macro_rules! mirrored {
    ($($ours:ident $theirs:ident: $($variant:ident)*;)*) => {$(
        impl From<$theirs> for $ours {
            fn from(value: $theirs) -> Self {
                match value { $($theirs::$variant => Self::$variant,)* }
            }
        }
    )*};
}

mirrored! {
    ApiLocale Locale: En Ps Fa;
    ApiMfaPreference MfaPreference: None Totp Webauthn;
    ApiAccountState AccountState: Active Suspended Closed;
}

impl From<ApiLocale> for Locale {
    fn from(locale: ApiLocale) -> Self {
        match locale {
            ApiLocale::En => Self::En,
            ApiLocale::Ps => Self::Ps,
            ApiLocale::Fa => Self::Fa,
        }
    }
}

impl From<ApiMfaPreference> for MfaPreference {
    fn from(preference: ApiMfaPreference) -> Self {
        match preference {
            ApiMfaPreference::None => Self::None,
            ApiMfaPreference::Totp => Self::Totp,
            ApiMfaPreference::Webauthn => Self::Webauthn,
        }
    }
}

/// A developer account.
#[derive(Debug, Clone, PartialEq, Eq, Object)]
#[oai(rename = "Account", rename_all = "camelCase")]
pub struct AccountBody {
    /// Its id.
    account_id: ApiId<kinds::DeveloperAccount>,
    /// The tenant its rows belong to.
    tenant_id: ApiExternalId<external::Tenant>,
    /// What it is called.
    display_name: String,
    /// Its company.
    company_name: Option<String>,
    /// Where it is written to.
    contact_email: String,
    /// Whether that address is verified.
    email_verified: bool,
    /// Whether a second factor is enrolled.
    mfa_enrolled: bool,
    /// Which one it prefers.
    mfa_preference: ApiMfaPreference,
    /// The language it is written to in.
    locale: ApiLocale,
    /// For display.
    timezone: String,
    /// The terms it accepted last.
    terms_version: Option<String>,
    /// When.
    terms_accepted_at: Option<ApiTimestamp>,
    /// The terms that are current.
    current_terms: String,
    /// Where it stands.
    state: ApiAccountState,
    /// Why it is suspended.
    suspended_reason: Option<String>,
    /// When it was created.
    created_at: ApiTimestamp,
    /// Its version.
    version: u64,
}

/// The caller.
#[derive(Debug, Object)]
#[oai(rename = "Me", rename_all = "camelCase")]
pub struct MeBody {
    /// The user, or the service's own id.
    user_id: ApiExternalId<external::User>,
    /// The tenant it acts for.
    tenant_id: ApiExternalId<external::Tenant>,
    /// The address, when the token names one.
    email: Option<String>,
    /// What it may act as.
    roles: Vec<String>,
    /// The account of a developer or a customer.
    account: Option<AccountBody>,
}

/// A change of the caller's account, as a JSON merge patch.
#[derive(Debug, Default, Object)]
#[oai(rename = "AccountPatch", rename_all = "camelCase")]
pub struct AccountPatchBody {
    /// What it is called.
    display_name: MaybeUndefined<String>,
    /// Its company.
    company_name: MaybeUndefined<String>,
    /// The language it is written to in.
    locale: MaybeUndefined<ApiLocale>,
    /// A name of the tz database, such as `Asia/Kabul`.
    timezone: MaybeUndefined<String>,
    /// Which second factor it prefers.
    mfa_preference: MaybeUndefined<ApiMfaPreference>,
}

/// What a patch changes, valid by itself.
#[derive(Debug, Clone)]
pub(super) struct Changes {
    display_name: Option<DisplayName>,
    company_name: Patch<CompanyName>,
    locale: Option<Locale>,
    timezone: Option<Timezone>,
    mfa_preference: Option<MfaPreference>,
}

impl AccountPatchBody {
    pub(super) fn parse(self) -> Result<Changes, Problem> {
        let name = always(self.display_name, "/displayName")?;
        let zone = always(self.timezone, "/timezone")?;
        let company_name = match optional(self.company_name, |name| name) {
            Patch::Keep => Patch::Keep,
            Patch::Clear => Patch::Clear,
            Patch::Set(name) => Patch::Set(at("/companyName", name.parse::<CompanyName>())?),
        };
        Ok(Changes {
            display_name: name.map(|name| at("/displayName", name.parse::<DisplayName>())).transpose()?,
            company_name,
            locale: always(self.locale, "/locale")?.map(Locale::from),
            timezone: zone.map(|zone| at("/timezone", zone.parse::<Timezone>())).transpose()?,
            mfa_preference: always(self.mfa_preference, "/mfaPreference")?.map(MfaPreference::from),
        })
    }
}

impl Changes {
    /// The account's fields after the change.
    pub(super) fn over(self, old: ProfileEdit) -> ProfileEdit {
        ProfileEdit {
            display_name: self.display_name.unwrap_or(old.display_name),
            company_name: self.company_name.over(old.company_name),
            locale: self.locale.unwrap_or(old.locale),
            timezone: self.timezone.unwrap_or(old.timezone),
            mfa_preference: self.mfa_preference.unwrap_or(old.mfa_preference),
        }
    }
}

impl AccountBody {
    pub(super) fn of(loaded: &Loaded<DeveloperAccount>, current_terms: &str) -> Self {
        use sarai_domain::kernel::Aggregate as _;
        let data = loaded.aggregate.data();
        Self {
            account_id: data.id.into(),
            tenant_id: data.tenant_id.clone().into(),
            display_name: data.display_name.to_string(),
            company_name: data.company_name.as_ref().map(ToString::to_string),
            contact_email: data.contact_email.clone(),
            email_verified: data.email_verified,
            mfa_enrolled: data.mfa_enrolled,
            mfa_preference: data.mfa_preference.into(),
            locale: data.locale.into(),
            timezone: data.timezone.to_string(),
            terms_version: data.terms_version.clone(),
            terms_accepted_at: data.terms_accepted_at.map(ApiTimestamp),
            current_terms: current_terms.to_owned(),
            state: data.state.into(),
            suspended_reason: data.suspended_reason.clone(),
            created_at: data.created_at.into(),
            version: loaded.version,
        }
    }
}

impl MeBody {
    pub(super) fn of(principal: Principal, account: Option<AccountBody>) -> Self {
        Self {
            user_id: principal.user_id.into(),
            tenant_id: principal.tenant_id.into(),
            email: principal.email,
            roles: principal.roles.iter().map(|role| role.name().to_owned()).collect(),
            account,
        }
    }
}
