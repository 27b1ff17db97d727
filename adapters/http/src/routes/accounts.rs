//! Who is calling, and developer accounts.

use poem_openapi::{
    Object, OpenApi,
    param::{Path, Query},
    payload::Json,
};
use sarai_application::{Loaded, devportal::accounts::Accounts};
use sarai_domain::{devportal::account::DeveloperAccount, kernel::id::kinds};

use super::{
    Tag,
    account_body::{AccountBody, AccountPatchBody, MeBody},
    reason,
};
use crate::{
    answers::{Done, Tagged},
    caller::Caller,
    problem::Problem,
    scalars::ApiId,
};

/// Routes of accounts.
pub struct AccountRoutes {
    accounts: Accounts,
}

/// Terms that are accepted.
#[derive(Debug, Object)]
#[oai(rename = "TermsAcceptance", rename_all = "camelCase")]
pub struct TermsBody {
    /// Which: the current ones.
    version: String,
}

/// Why the platform's staff decide so.
#[derive(Debug, Object)]
#[oai(rename = "AccountDecision", rename_all = "camelCase")]
pub struct DecisionBody {
    /// One line of 1 to 500 characters.
    reason: String,
}

impl DecisionBody {
    /// A reason that an account keeps.
    fn given(&self) -> Result<&str, Problem> {
        let reason = reason::given(&self.reason)?;
        if reason.chars().count() > 500 || reason.chars().any(char::is_control) {
            return Err(Problem::field("/reason", "a reason is one line of 1 to 500 characters"));
        }
        Ok(reason)
    }
}

impl AccountRoutes {
    /// Over these use cases.
    pub fn new(accounts: Accounts) -> Self {
        Self { accounts }
    }

    fn shown(&self, account: &Loaded<DeveloperAccount>) -> Tagged<200, AccountBody> {
        let body = AccountBody::of(account, &self.accounts.current_terms());
        Tagged { version: account.version, body }
    }
}

#[OpenApi(prefix_path = "/v1", tag = "Tag::Accounts")]
impl AccountRoutes {
    /// Who is calling
    ///
    /// A developer or a customer gets an account with the first call.
    #[oai(path = "/me", method = "get", operation_id = "me.get")]
    async fn me(&self, caller: Caller) -> Result<Json<MeBody>, Problem> {
        let account = self.accounts.me(&caller.0).await?;
        let account = account.map(|account| self.shown(&account).body);
        Ok(Json(MeBody::of(caller.0.principal, account)))
    }

    /// Change one's account
    ///
    /// A JSON merge patch.
    #[oai(path = "/me", method = "patch", operation_id = "me.edit")]
    async fn edit(
        &self,
        caller: Caller,
        body: Json<AccountPatchBody>,
    ) -> Result<Tagged<200, AccountBody>, Problem> {
        let changes = body.0.parse()?;
        let edited = self.accounts.edit(&caller.0, |old| changes.clone().over(old)).await?;
        Ok(self.shown(&edited))
    }

    /// Close one's account for ever
    ///
    /// Its keys have to be revoked before; `revokeKeys=true` does that.
    #[oai(path = "/me", method = "delete", operation_id = "me.close")]
    async fn close(
        &self,
        caller: Caller,
        #[oai(name = "revokeKeys")] revoke_keys: Query<Option<bool>>,
    ) -> Result<Tagged<200, AccountBody>, Problem> {
        let closed = self.accounts.close(&caller.0, revoke_keys.0.unwrap_or(false)).await?;
        Ok(self.shown(&closed))
    }

    /// Accept the current terms
    #[oai(path = "/me/terms", method = "post", operation_id = "me.accept-terms")]
    async fn accept_terms(&self, caller: Caller, body: Json<TermsBody>) -> Result<Done, Problem> {
        self.accounts.accept_terms(&caller.0, &body.0.version).await?;
        Ok(Done)
    }

    /// Leave an account reads only
    #[oai(path = "/admin/accounts/:id/suspend", method = "post", operation_id = "admin.accounts.suspend")]
    async fn suspend(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::DeveloperAccount>>,
        body: Json<DecisionBody>,
    ) -> Result<Tagged<200, AccountBody>, Problem> {
        let reason = body.0.given()?;
        let suspended = self.accounts.suspend(&caller.because(reason), id.0.0, reason).await?;
        Ok(self.shown(&suspended))
    }

    /// Let an account go on
    #[oai(path = "/admin/accounts/:id/reinstate", method = "post", operation_id = "admin.accounts.reinstate")]
    async fn reinstate(
        &self,
        caller: Caller,
        id: Path<ApiId<kinds::DeveloperAccount>>,
        body: Json<DecisionBody>,
    ) -> Result<Tagged<200, AccountBody>, Problem> {
        let reinstated = self.accounts.reinstate(&caller.because(body.0.given()?), id.0.0).await?;
        Ok(self.shown(&reinstated))
    }
}
