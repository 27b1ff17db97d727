//! `VerifyTemplate`: the texts that carry a code, version by version (devportal.md 3.6).
//!
//! A version is written, reviewed, approved, and retired when a newer one is approved; sessions pin a version.
//!
//! Invariants: T-INV-1 and T-INV-4 to T-INV-8 ([`TemplateVariant`]), T-INV-2, T-INV-3 and T-INV-9 here.
//! Table: [`status::TRANSITIONS`].

mod check;
mod data;
mod error;
mod parse;
mod render;
mod segments;
pub mod status;
mod system;
#[cfg(test)]
mod tests;
mod variant;

use std::collections::BTreeMap;

pub use data::{TemplateData, TemplateEvent, TemplateName, TemplateVersion};
pub use error::TemplateError;
pub use parse::{Part, Placeholder, parse};
pub use render::{Filling, Rendered};
pub use segments::{Encoding, Measure, measure};
pub use status::{TemplateAction, TemplateState};
pub use system::{PLATFORM, system_template, system_template_id};
pub use variant::{Lint, NewVariant, OriginDomain, TemplateVariant};

use super::{
    values::{Channel, Locale},
    verify::TemplatePin,
};
use crate::kernel::{
    Aggregate, Changes, LastTransition, Outcome, Root, Step, TenantId, Timestamp, VerifyTemplateId, require,
    step,
};

/// A template and the versions loaded with it.
#[derive(Debug, Clone)]
pub struct VerifyTemplate {
    root: Root<TemplateData, TemplateEvent, TemplateVersion>,
    versions: BTreeMap<u32, TemplateVersion>,
}

/// What a template begins with.
#[derive(Debug, Clone)]
pub struct NewTemplate {
    /// Its id.
    pub id: VerifyTemplateId,
    /// Whose it is.
    pub owner: TenantId,
    /// Its name.
    pub name: TemplateName,
    /// The language that every channel has.
    pub default_locale: Locale,
    /// The languages tried before that one where a text is not in the one asked for; each counts once.
    pub locale_fallbacks: Vec<Locale>,
    /// Where codes are to be typed.
    pub domain: Option<OriginDomain>,
    /// The first version's texts.
    pub variants: Vec<NewVariant>,
}

impl VerifyTemplate {
    /// A new template; its first version is a draft.
    ///
    /// # Errors
    /// The first of T-INV-1 and T-INV-3 to T-INV-8 that a text breaks.
    pub fn create(new: NewTemplate, now: Timestamp) -> Result<Self, TemplateError> {
        let mut locale_fallbacks = Vec::new();
        for locale in new.locale_fallbacks {
            if !locale_fallbacks.contains(&locale) {
                locale_fallbacks.push(locale);
            }
        }
        let data = TemplateData {
            id: new.id,
            owner: new.owner,
            name: new.name,
            default_locale: new.default_locale,
            locale_fallbacks,
            latest: 1,
            approved: None,
            created_at: now,
            updated_at: now,
        };
        let version = draft(&data, 1, new.domain, new.variants)?;
        let mut template = Self { root: Root::new(data), versions: BTreeMap::new() };
        template.write(version);
        Ok(template)
    }

    /// Writes a draft's texts anew.
    ///
    /// # Errors
    /// [`TemplateError::Frozen`] when it is no draft (T-INV-2), and those of [`VerifyTemplate::create`].
    pub fn edit(
        &mut self,
        no: u32,
        domain: Option<OriginDomain>,
        variants: Vec<NewVariant>,
        now: Timestamp,
    ) -> Result<Outcome, TemplateError> {
        let current = self.versions.get(&no).ok_or(TemplateError::NoVersion)?;
        if current.state != TemplateState::Draft {
            return Err(TemplateError::Frozen);
        }
        let written = draft(&self.root.data, no, domain, variants)?;
        if (&written.domain, &written.variants) == (&current.domain, &current.variants) {
            return Ok(Outcome::AlreadyApplied);
        }
        let version =
            TemplateVersion { domain: written.domain, variants: written.variants, ..current.clone() };
        self.root.data.updated_at = now;
        self.write(version);
        Ok(Outcome::Applied)
    }

    /// Hands a draft in.
    ///
    /// # Errors
    /// [`TemplateError::InvalidTransition`].
    pub fn submit(&mut self, no: u32, now: Timestamp) -> Result<Outcome, TemplateError> {
        let Some(version) = self.moved(no, TemplateAction::Submit, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        check::version(&self.root.data, &version)?;
        self.root.data.updated_at = now;
        self.write(version);
        Ok(Outcome::Applied)
    }

    /// Accepts a version; the one before retires with it.
    ///
    /// # Errors
    /// [`TemplateError::InvalidTransition`].
    pub fn approve(&mut self, no: u32, now: Timestamp) -> Result<Outcome, TemplateError> {
        let Some(version) = self.moved(no, TemplateAction::Approve, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let before = self.root.data.approved;
        if let Some(before) = before
            && let Some(retired) = self.moved(before, TemplateAction::Retire, None)?
        {
            self.write(TemplateVersion { ended_at: Some(now), ..retired });
        }
        self.write(TemplateVersion { approved_at: Some(now), rejected_because: None, ..version });
        let data = &mut self.root.data;
        data.approved = Some(no);
        data.updated_at = now;
        let event = TemplateEvent::Approved { template_id: data.id, version_no: no, retired: before };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// Sends a version back.
    ///
    /// # Errors
    /// [`TemplateError::Reason`] without one, [`TemplateError::InvalidTransition`].
    pub fn reject(&mut self, no: u32, reason: &str, now: Timestamp) -> Result<Outcome, TemplateError> {
        if !(1..=500).contains(&reason.trim().chars().count()) {
            return Err(TemplateError::Reason);
        }
        let Some(version) = self.moved(no, TemplateAction::Reject, Some(reason))? else {
            return Ok(Outcome::AlreadyApplied);
        };
        self.write(TemplateVersion { rejected_because: Some(reason.to_owned()), ..version });
        self.root.data.updated_at = now;
        let template_id = self.root.data.id;
        self.root.record(TemplateEvent::Rejected { template_id, version_no: no, reason: reason.to_owned() });
        Ok(Outcome::Applied)
    }

    /// A new draft with the texts of the newest version, which stays as it is.
    ///
    /// # Errors
    /// [`TemplateError::VersionOpen`] while a draft or a review is there.
    pub fn new_version(&mut self, now: Timestamp) -> Result<u32, TemplateError> {
        let latest = self.versions.get(&self.root.data.latest).ok_or(TemplateError::NoVersion)?;
        if matches!(latest.state, TemplateState::Draft | TemplateState::InReview) {
            return Err(TemplateError::VersionOpen { version_no: latest.no });
        }
        let no = latest.no.saturating_add(1);
        let version = TemplateVersion {
            no,
            state: TemplateState::Draft,
            rejected_because: None,
            approved_at: None,
            ended_at: None,
            last_transition: None,
            ..latest.clone()
        };
        self.root.data.latest = no;
        self.root.data.updated_at = now;
        self.write(version);
        Ok(no)
    }

    /// Ends a version for good; live sessions keep it.
    ///
    /// # Errors
    /// [`TemplateError::InvalidTransition`].
    pub fn archive(&mut self, no: u32, now: Timestamp) -> Result<Outcome, TemplateError> {
        let Some(version) = self.moved(no, TemplateAction::Archive, None)? else {
            return Ok(Outcome::AlreadyApplied);
        };
        let ended_at = version.ended_at.or(Some(now));
        self.write(TemplateVersion { ended_at, ..version });
        let data = &mut self.root.data;
        data.approved = data.approved.filter(|approved| *approved != no);
        data.updated_at = now;
        let event = TemplateEvent::Archived { template_id: data.id, version_no: no };
        self.root.record(event);
        Ok(Outcome::Applied)
    }

    /// What a new session pins: the version asked for, else the one in use, with the text's own language.
    ///
    /// # Errors
    /// [`TemplateError::NotUsable`] for a version that is not approved (T-INV-9), [`TemplateError::NoVariant`].
    pub fn pin(
        &self,
        version_no: Option<u32>,
        channels: &[Channel],
        locale: Locale,
    ) -> Result<(TemplatePin, Locale), TemplateError> {
        let data = &self.root.data;
        let no = version_no.or(data.approved).ok_or(TemplateError::NotUsable { version_no: data.latest })?;
        let version = self.versions.get(&no).ok_or(TemplateError::NoVersion)?;
        if version.state != TemplateState::Approved {
            return Err(TemplateError::NotUsable { version_no: no });
        }
        let (chain, mut used) = (data.chain(locale), None);
        for channel in channels {
            let variant = version.variant(*channel, &chain);
            let variant = variant.ok_or(TemplateError::NoVariant { channel: *channel, locale })?;
            used = used.or(Some(variant.locale));
        }
        Ok((TemplatePin { template_id: data.id, version_no: no }, used.unwrap_or(data.default_locale)))
    }

    /// A version's message over a channel, filled in; the domain is its own.
    ///
    /// # Errors
    /// [`TemplateError::NoVersion`], [`TemplateError::NoVariant`].
    pub fn render(
        &self,
        no: u32,
        channel: Channel,
        locale: Locale,
        with: &Filling<'_>,
    ) -> Result<Rendered, TemplateError> {
        let version = self.versions.get(&no).ok_or(TemplateError::NoVersion)?;
        let variant = version.variant(channel, &self.root.data.chain(locale));
        let variant = variant.ok_or(TemplateError::NoVariant { channel, locale })?;
        variant.render(&Filling { domain: version.domain.as_ref(), ..*with })
    }

    /// A version, if it is among the loaded ones.
    pub fn version_no(&self, no: u32) -> Option<&TemplateVersion> {
        self.versions.get(&no)
    }

    /// What the writer of a version should know.
    pub fn lints(&self, no: u32) -> Vec<Lint> {
        let Some(version) = self.versions.get(&no) else { return Vec::new() };
        let mut lints: Vec<Lint> = version.variants.iter().flat_map(TemplateVariant::lints).collect();
        let has = |channel, locale| {
            version.variants.iter().any(|one| (one.channel, one.locale) == (channel, locale))
        };
        for channel in Channel::ALL.iter().filter(|one| Locale::ALL.iter().any(|locale| has(**one, *locale)))
        {
            let missing = Locale::ALL.iter().filter(|locale| !has(*channel, **locale));
            lints.extend(missing.map(|locale| Lint::LocaleMissing { channel: *channel, locale: *locale }));
        }
        lints
    }

    /// A version after an action; none when that was applied before.
    fn moved(
        &self,
        no: u32,
        action: TemplateAction,
        argument: Option<&str>,
    ) -> Result<Option<TemplateVersion>, TemplateError> {
        let version = self.versions.get(&no).ok_or(TemplateError::NoVersion)?;
        let last = version.last_transition.as_ref();
        let Step::To(state) = step(status::TRANSITIONS, version.state, action, argument, last)? else {
            return Ok(None);
        };
        let last_transition = Some(LastTransition { action, argument: argument.map(str::to_owned) });
        Ok(Some(TemplateVersion { state, last_transition, ..version.clone() }))
    }

    fn write(&mut self, version: TemplateVersion) {
        self.root.write_row(version.clone());
        self.versions.insert(version.no, version);
    }
}

fn draft(
    data: &TemplateData,
    no: u32,
    domain: Option<OriginDomain>,
    variants: Vec<NewVariant>,
) -> Result<TemplateVersion, TemplateError> {
    let variants = variants.into_iter().map(|new| TemplateVariant::try_new(new, domain.as_ref()));
    let version = TemplateVersion {
        template_id: data.id,
        no,
        state: TemplateState::Draft,
        variants: variants.collect::<Result<_, _>>()?,
        domain,
        rejected_because: None,
        approved_at: None,
        ended_at: None,
        last_transition: None,
    };
    check::version(data, &version)?;
    Ok(version)
}

impl Aggregate for VerifyTemplate {
    type Id = VerifyTemplateId;
    type Data = TemplateData;
    type Row = TemplateVersion;
    type Event = TemplateEvent;
    type Error = TemplateError;

    const NAME: &'static str = "template";

    fn rehydrate(
        data: TemplateData,
        rows: Vec<TemplateVersion>,
        version: u64,
    ) -> Result<Self, TemplateError> {
        require::<Self>(&data, &rows)?;
        let loaded = rows.len();
        let versions: BTreeMap<_, _> = rows.into_iter().map(|row| (row.no, row)).collect();
        if versions.len() != loaded {
            return Err(TemplateError::Inconsistent("a version is there twice"));
        }
        Ok(Self { root: Root::stored(data, version), versions })
    }

    fn id(&self) -> VerifyTemplateId {
        self.root.data.id
    }

    fn data(&self) -> &TemplateData {
        &self.root.data
    }

    fn version(&self) -> u64 {
        self.root.version()
    }

    fn into_changes(self) -> Changes<Self> {
        let id = self.id();
        self.root.into_changes(id)
    }
}
