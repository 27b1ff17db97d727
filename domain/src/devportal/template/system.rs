//! The texts everybody has: one template for each purpose, in English, Pashto and Dari, for every channel.

use super::{NewTemplate, NewVariant, TemplateError, TemplateName, VerifyTemplate};
use crate::{
    devportal::values::{Channel, Locale, Purpose},
    kernel::{Id, TenantId, Timestamp, Ulid, VerifyTemplateId},
};

/// Who owns what everybody has (ruling R27).
pub const PLATFORM: &str = "platform";

/// What a code is for, by purpose and language.
#[rustfmt::skip]
const LEADS: &[(Purpose, Locale, &str)] = &[
    (Purpose::SignUp,        Locale::En, "Your code to sign up with {{brand}}:"),
    (Purpose::SignIn,        Locale::En, "Your code to sign in to {{brand}}:"),
    (Purpose::Transaction,   Locale::En, "Your code to confirm a transaction with {{brand}}:"),
    (Purpose::ContactChange, Locale::En, "Your code to confirm your new contact at {{brand}}:"),
    (Purpose::Generic,       Locale::En, "Your {{brand}} code:"),
    (Purpose::SignUp,        Locale::Ps, "په {{brand}} کې د نوم لیکنې کوډ:"),
    (Purpose::SignIn,        Locale::Ps, "{{brand}} ته د ننوتلو کوډ:"),
    (Purpose::Transaction,   Locale::Ps, "په {{brand}} کې د راکړې ورکړې د تایید کوډ:"),
    (Purpose::ContactChange, Locale::Ps, "په {{brand}} کې د نوې پتې د تایید کوډ:"),
    (Purpose::Generic,       Locale::Ps, "ستاسو د {{brand}} کوډ:"),
    (Purpose::SignUp,        Locale::Fa, "کود ثبت نام شما در {{brand}}:"),
    (Purpose::SignIn,        Locale::Fa, "کود ورود شما به {{brand}}:"),
    (Purpose::Transaction,   Locale::Fa, "کود تأیید معامله در {{brand}}:"),
    (Purpose::ContactChange, Locale::Fa, "کود تأیید نشانی جدید شما در {{brand}}:"),
    (Purpose::Generic,       Locale::Fa, "کود {{brand}} شما:"),
];

/// What stands around it: channel, language, subject, before the lead, after the code.
#[rustfmt::skip]
const FRAMES: &[(Channel, Locale, Option<&str>, &str, &str)] = &[
    (Channel::Sms,      Locale::En, None, "", "Valid for {{minutes}} minutes. Do not share it."),
    (Channel::Sms,      Locale::Ps, None, "", "تر {{minutes}} دقیقو پورې اعتبار لري. بل چا ته یې مه ورکوئ."),
    (Channel::Sms,      Locale::Fa, None, "", "تا {{minutes}} دقیقه اعتبار دارد. آن را به کسی ندهید."),
    (Channel::Whatsapp, Locale::En, None, "", "It is valid for {{minutes}} minutes. Do not share it with anyone."),
    (Channel::Whatsapp, Locale::Ps, None, "", "دا کوډ تر {{minutes}} دقیقو پورې اعتبار لري. بل هیچا ته یې مه ورکوئ."),
    (Channel::Whatsapp, Locale::Fa, None, "", "این کود تا {{minutes}} دقیقه اعتبار دارد. آن را به هیچ کس ندهید."),
    (Channel::Voice,    Locale::En, None, "Hello.\n", "Goodbye."),
    (Channel::Voice,    Locale::Ps, None, "سلام.\n", "مننه. د خدای په امان."),
    (Channel::Voice,    Locale::Fa, None, "سلام.\n", "تشکر. خدا حافظ."),
    (Channel::Email,    Locale::En, Some("{{brand}}: your code"), "Hello,\n\n",
        "It is valid for {{minutes}} minutes. Do not share it with anyone.\n\nIf you did not ask for it, ignore this e-mail."),
    (Channel::Email,    Locale::Ps, Some("{{brand}}: ستاسو کوډ"), "سلام،\n\n",
        "دا کوډ تر {{minutes}} دقیقو پورې اعتبار لري. بل هیچا ته یې مه ورکوئ.\n\nکه دا کوډ تاسو نه وي غوښتی، دا برېښنالیک له پامه وغورځوئ."),
    (Channel::Email,    Locale::Fa, Some("{{brand}}: کود شما"), "سلام،\n\n",
        "این کود تا {{minutes}} دقیقه اعتبار دارد. آن را به هیچ کس ندهید.\n\nاگر شما این کود را نخواسته‌اید، این ایمیل را نادیده بگیرید."),
];

/// The id of a purpose's template.
pub fn system_template_id(purpose: Purpose) -> VerifyTemplateId {
    let number = match purpose {
        Purpose::SignUp => 1,
        Purpose::SignIn => 2,
        Purpose::Transaction => 3,
        Purpose::ContactChange => 4,
        Purpose::Generic => 5_u128,
    };
    Id::new(Ulid::from(number))
}

/// A purpose's template, approved.
///
/// # Errors
/// None with the texts above; a test holds them to the rules.
pub fn system_template(purpose: Purpose, now: Timestamp) -> Result<VerifyTemplate, TemplateError> {
    let leads = LEADS.iter().filter(|(of, _, _)| *of == purpose);
    let variants = leads.flat_map(|(_, locale, lead)| {
        let frames = FRAMES.iter().filter(move |(_, of, _, _, _)| of == locale);
        frames.map(move |(channel, _, subject, before, after)| {
            let code = if *channel == Channel::Email { "\n{{code}}\n" } else { "{{code}}" };
            let recorded = (*channel == Channel::Voice && *locale != Locale::En)
                .then(|| format!("{}-digits-1", locale.as_str()));
            NewVariant {
                channel: *channel,
                locale: *locale,
                subject: subject.map(str::to_owned),
                body: format!("{before}{lead}\n{code}\n{after}"),
                recorded_digits: recorded,
            }
        })
    });
    let new = NewTemplate {
        id: system_template_id(purpose),
        owner: TenantId::from_static(PLATFORM),
        name: TemplateName::parse(&format!("system-{}", purpose.as_str().to_lowercase().replace('_', "-")))?,
        default_locale: Locale::En,
        locale_fallbacks: Vec::new(),
        domain: None,
        variants: variants.collect(),
    };
    let mut template = VerifyTemplate::create(new, now)?;
    let _ = template.submit(1, now)?;
    let _ = template.approve(1, now)?;
    Ok(template)
}
