//! Our PDUs, and what others say, read so that one odd PDU is not the end of a connection.

use std::str::FromStr as _;

use rusmpp::{
    Command, CommandId, CommandStatus, Pdu,
    encode::{Length as _, owned::Encode as _},
    pdus::{BindTransceiver, DeliverSmResp, SubmitSm},
    types::{COctetString, OctetString},
    values::{DataCoding, EsmClass, InterfaceVersion, Npi, RegisteredDelivery, Ton},
};
use sarai_domain::devportal::template::Encoding;
use tokio_util::bytes::{BufMut as _, Bytes, BytesMut};
use zeroize::Zeroizing;

use super::text;
use crate::config::{Account, Problem};

/// What a message is to be taken with: a receipt, whatever came of it.
const RECEIPT: u8 = 1;
/// The flag of a header within the message.
const UDHI: u8 = 0x40;

/// Who sends.
#[derive(Debug, Clone)]
pub(super) struct Source {
    ton: Ton,
    npi: Npi,
    address: COctetString<1, 21>,
}

impl Source {
    /// A number, a short code or a name; without one the centre takes its own.
    pub(super) fn parse(from: Option<&str>) -> Result<Self, Problem> {
        let rule = "a number with +, a short code, or a name of up to 11 letters and digits";
        let wrong = || Problem::Value { setting: "from", rule };
        let from = from.unwrap_or_default();
        let number = from.strip_prefix('+');
        let digits =
            |text: &str| (1..=15).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
        let (ton, npi, text) = match number {
            Some(number) if digits(number) => (Ton::International, Npi::Isdn, number),
            None if from.is_empty() => (Ton::Unknown, Npi::Unknown, ""),
            None if digits(from) => (Ton::NetworkSpecific, Npi::Isdn, from),
            None if from.len() <= 11 && from.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') => {
                (Ton::Alphanumeric, Npi::Unknown, from)
            }
            _ => return Err(wrong()),
        };
        Ok(Self { ton, npi, address: COctetString::from_str(text).map_err(|_| wrong())? })
    }
}

/// Who we are, as a bind says it.
pub(super) fn bind(account: &Account) -> Result<BindTransceiver, Problem> {
    let value = |setting, rule| Problem::Value { setting, rule };
    let system_id = COctetString::from_str(&account.user)
        .map_err(|_| value("user", "at most 15 ASCII characters: SMPP has no more room"))?;
    let password = COctetString::from_str(&account.password)
        .map_err(|_| value("password_file", "at most 8 ASCII characters: SMPP has no more room"))?;
    Ok(BindTransceiver::builder()
        .system_id(system_id)
        .password(password)
        .interface_version(InterfaceVersion::Smpp3_4)
        .build())
}

/// One part of a message; none where a number does not fit.
pub(super) fn submit(
    source: &Source,
    to: &str,
    encoding: Encoding,
    part: &[u8],
    header: Option<[u8; 6]>,
) -> Option<SubmitSm> {
    let mut octets = Zeroizing::new(header.map_or_else(Vec::new, |header| header.to_vec()));
    octets.extend_from_slice(part);
    let esm_class = if header.is_some() { UDHI } else { 0 };
    Some(
        SubmitSm::builder()
            .source_addr_ton(source.ton)
            .source_addr_npi(source.npi)
            .source_addr(source.address.clone())
            .dest_addr_ton(Ton::International)
            .dest_addr_npi(Npi::Isdn)
            .destination_addr(COctetString::from_str(to.trim_start_matches('+')).ok()?)
            // Not `EsmClass::default()`: that is an acknowledgement of delivery.
            .esm_class(EsmClass::from(esm_class))
            .registered_delivery(RegisteredDelivery::from(RECEIPT))
            .data_coding(DataCoding::from(text::data_coding(encoding)))
            .short_message(OctetString::from_bytes(Bytes::from_owner(octets)).ok()?)
            .build(),
    )
}

/// A PDU in octets, wiped when it was written.
pub(super) fn octets(command: &Command) -> Zeroizing<Vec<u8>> {
    let length = command.length().saturating_add(4);
    let mut buffer = BytesMut::with_capacity(length);
    buffer.put_u32(u32::try_from(length).unwrap_or(u32::MAX));
    command.encode(&mut buffer);
    let octets = Zeroizing::new(buffer.to_vec());
    zeroize::Zeroize::zeroize(buffer.as_mut());
    octets
}

/// What an SMS centre delivers.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Delivery {
    pub(super) is_receipt: bool,
    /// From which number, where it is an international one.
    pub(super) from: Option<String>,
    pub(super) text: Vec<u8>,
    pub(super) receipted_id: Option<String>,
    pub(super) state: Option<u8>,
    pub(super) network_error: Option<u16>,
}

/// What an SMS centre says.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Said {
    BindAnswer,
    /// An answer to a submit, with the id where it took it.
    SubmitAnswer(String),
    Delivery(Box<Delivery>),
    EnquireLink,
    Unbind,
    /// An answer that nobody waits for.
    Answer,
    /// It did not understand us.
    Nack,
    /// We do not understand it.
    Other(u32),
}

/// A PDU of a centre.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) sequence: u32,
    pub(super) status: u32,
    pub(super) said: Said,
}

/// Reads a PDU without its length; none where even the header is missing. Fields are taken as they come: a reader that
/// refuses a PDU for one odd field would refuse it again each time the centre repeats it.
pub(super) fn read(frame: &[u8]) -> Option<Heard> {
    let mut fields = Fields(frame);
    let (id, status, sequence) = (fields.long()?, fields.long()?, fields.long()?);
    let said = match CommandId::from(id) {
        CommandId::BindTransceiverResp => Said::BindAnswer,
        CommandId::SubmitSmResp => Said::SubmitAnswer(fields.text().unwrap_or_default()),
        CommandId::EnquireLink => Said::EnquireLink,
        CommandId::Unbind => Said::Unbind,
        CommandId::GenericNack => Said::Nack,
        CommandId::DeliverSm => delivery(fields).map_or(Said::Other(id), |one| Said::Delivery(Box::new(one))),
        _ if id & 0x8000_0000 != 0 => Said::Answer,
        _ => Said::Other(id),
    };
    Some(Heard { sequence, status, said })
}

/// The fields of a PDU, one after the other.
struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn short(&mut self) -> Option<u16> {
        Some(u16::from_be_bytes(self.take(2)?.try_into().ok()?))
    }

    fn long(&mut self) -> Option<u32> {
        Some(u32::from_be_bytes(self.take(4)?.try_into().ok()?))
    }

    /// Up to a zero, or to the end where there is none.
    fn text(&mut self) -> Option<String> {
        let length = self.0.iter().position(|octet| *octet == 0).unwrap_or(self.0.len());
        let text = String::from_utf8_lossy(self.take(length)?).into_owned();
        let _zero = self.byte();
        (text.len() <= 255).then_some(text)
    }
}

/// Optional fields of a receipt, by their tags.
const RECEIPTED_MESSAGE_ID: u16 = 0x001e;
const MESSAGE_STATE: u16 = 0x0427;
const NETWORK_ERROR_CODE: u16 = 0x0423;
const MESSAGE_PAYLOAD: u16 = 0x0424;
/// An address that begins with its country's code.
const INTERNATIONAL: u8 = 1;

fn delivery(mut fields: Fields<'_>) -> Option<Delivery> {
    let _service = fields.text()?;
    let (ton, _npi, from) = (fields.byte()?, fields.byte()?, fields.text()?);
    let _to = (fields.byte()?, fields.byte()?, fields.text()?);
    let (esm_class, _protocol, _priority) = (fields.byte()?, fields.byte()?, fields.byte()?);
    let _times = (fields.text()?, fields.text()?);
    let _flags = fields.take(4)?;
    let length = fields.byte()?;
    let mut delivery = Delivery {
        is_receipt: esm_class & 0b0011_1100 == 0b0000_0100,
        from: (ton == INTERNATIONAL).then(|| format!("+{}", from.trim_start_matches('+'))),
        text: fields.take(usize::from(length))?.to_vec(),
        ..Delivery::default()
    };
    while let (Some(tag), Some(length)) = (fields.short(), fields.short()) {
        let Some(value) = fields.take(usize::from(length)) else { break };
        match (tag, value) {
            (RECEIPTED_MESSAGE_ID, value) => delivery.receipted_id = Fields(value).text(),
            (MESSAGE_STATE, [state]) => delivery.state = Some(*state),
            (NETWORK_ERROR_CODE, [_network, high, low]) => {
                delivery.network_error = Some(u16::from_be_bytes([*high, *low]));
            }
            (MESSAGE_PAYLOAD, value) if delivery.text.is_empty() => delivery.text = value.to_vec(),
            _ => {}
        }
    }
    Some(delivery)
}

/// A command of ours.
pub(super) fn command(sequence: u32, pdu: impl Into<Pdu>) -> Command {
    Command::new(CommandStatus::EsmeRok, sequence, pdu)
}

/// The answer to a delivery: taken, to be said again, or never.
pub(super) fn delivered(sequence: u32, status: CommandStatus) -> Command {
    Command::new(status, sequence, DeliverSmResp::default())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{super::receipt, *};

    proptest! {
        #[test]
        fn whatever_is_said_is_read_or_passed_over(octets in proptest::collection::vec(any::<u8>(), 0..300), id in 0..10_u32) {
            let _ = read(&octets);
            let head = [id, 0, 7].map(u32::to_be_bytes).concat();
            let heard = read(&[head, octets].concat()).unwrap();
            prop_assert_eq!(heard.sequence, 7);
            if let Said::Delivery(delivery) = heard.said {
                let _ = receipt::read("sms", &delivery);
            }
        }

        #[test]
        fn a_receipt_of_any_text_is_read_or_none(text in ".{0,200}") {
            let delivery = Delivery { text: text.into_bytes(), is_receipt: true, ..Delivery::default() };
            let _ = receipt::read("sms", &delivery);
        }
    }

    #[test]
    fn a_long_part_fits_its_field() {
        let source = Source::parse(Some("+4930123456")).unwrap();
        let part = [0x41; 153];
        let pdu = submit(&source, "+93701231234", Encoding::Gsm7, &part, Some([5, 0, 3, 1, 2, 1])).unwrap();
        let octets = octets(&command(3, pdu));
        assert_eq!(octets.get(..4).unwrap(), u32::try_from(octets.len()).unwrap().to_be_bytes());
        assert!(octets.ends_with(&part));
    }
}
