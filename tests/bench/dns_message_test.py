"""Questions are encoded, and answers read, as RFC 1035 says."""

import unittest

from dns_message import decode_answer, encode_query
from failure import Failure

_QUERY = bytes.fromhex("1234 0000 0001 0000 0000 0000 03 777777 06 636f6e73756c 00 0021 0001")
# www.consul SRV: one record to host.consul, whose address is an additional record.
_ANSWER = (
    bytes.fromhex("1234 8600 0001 0001 0000 0001 03 777777 06 636f6e73756c 00 0021 0001")
    + bytes.fromhex("c00c 0021 0001 00000000 0013 0001 0001 1f90 04 686f7374 06 636f6e73756c 00")
    + bytes.fromhex("c02e 0001 0001 00000000 0004 0a000001")
)


class EncodeTest(unittest.TestCase):
    """encode_query()."""

    def test_writes_header_and_question(self) -> None:
        self.assertEqual(encode_query(0x1234, "www.consul", "SRV"), _QUERY)
        self.assertEqual(encode_query(0x1234, "www.consul.", "SRV"), _QUERY)

    def test_says_with_edns_how_much_there_is_room_for(self) -> None:
        opt = bytes.fromhex("00 0029 1000 00000000 0000")
        counts = bytes.fromhex("0001 0000 0000 0001")
        self.assertEqual(
            encode_query(0x1234, "www.consul", "SRV", edns_bytes=4096),
            _QUERY[:4] + counts + _QUERY[12:] + opt,
        )


class DecodeTest(unittest.TestCase):
    """decode_answer()."""

    def test_counts_the_records_of_each_section(self) -> None:
        answer = decode_answer(_ANSWER)
        self.assertEqual(answer.size, len(_ANSWER))
        self.assertEqual(answer.rcode, "NOERROR")
        self.assertTrue(answer.truncated)
        self.assertEqual(answer.answer, {"SRV": 1})
        self.assertEqual(answer.authority, {})
        self.assertEqual(answer.additional, {"A": 1})
        self.assertEqual(answer.addresses, {"10.0.0.1"})

    def test_reads_the_code(self) -> None:
        nxdomain = bytes.fromhex("1234 8403") + _QUERY[4:]
        self.assertEqual(decode_answer(nxdomain).rcode, "NXDOMAIN")
        self.assertFalse(decode_answer(nxdomain).truncated)

    def test_reads_the_serial_of_the_zone(self) -> None:
        soa = (
            bytes.fromhex("1234 8400 0001 0001 0000 0000 06 636f6e73756c 00 0006 0001")
            + bytes.fromhex("c00c 0006 0001 00000000 001b 02 6e73 c00c 01 68 c00c")
            + bytes.fromhex("00000102 00000e10 00000258 00015180 00000000")
        )
        self.assertEqual(decode_answer(soa).serial, 0x102)
        self.assertIsNone(decode_answer(_ANSWER).serial)

    def test_a_damaged_message_fails(self) -> None:
        for size in range(len(_ANSWER)):
            with self.subTest(size), self.assertRaises(Failure):
                decode_answer(_ANSWER[:size])

    def test_what_follows_the_records_is_left_alone(self) -> None:
        """The bare echo fills its answers up."""
        self.assertEqual(decode_answer(_QUERY + bytes(300)).answer, {})


if __name__ == "__main__":
    unittest.main()
