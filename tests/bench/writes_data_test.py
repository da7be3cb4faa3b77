"""Every registration of the suite "writes" changes something, and both registries get the same."""

import base64
import json
import unittest

import writes_data


def _body(request: bytes) -> bytes:
    head, _, body = request.partition(b"\r\n\r\n")
    assert f"\r\nContent-Length: {len(body)}".encode() in head
    return body


class ChangesTest(unittest.TestCase):
    """Changes."""

    def test_no_registration_finds_what_it_writes(self) -> None:
        """Whether a run goes through its requests in part, once, or several times."""
        changes = writes_data.Changes()
        port_of: dict[str, int] = {}
        for share in (0.3, 1, 2.5, 0.7, 1):
            run = changes.registrations()
            for number in range(int(share * len(run))):
                body = json.loads(_body(run[number % len(run)]))
                port = body["Service"]["Port"]
                self.assertNotEqual(port_of.get(body["Node"]), port)
                port_of[body["Node"]] = port

    def test_etcd_gets_bodies_of_the_same_sizes_under_keys_of_their_own(self) -> None:
        registrations = [_body(each) for each in writes_data.Changes().registrations()]
        puts = [json.loads(_body(each)) for each in writes_data.Changes().etcd_puts()]
        self.assertEqual([base64.b64decode(each["value"]) for each in puts], registrations)
        keys = [each["key"] for each in puts]
        self.assertEqual(len(set(keys)), len(writes_data.INSTANCES))
        self.assertEqual(keys[: len(keys) // 2], keys[len(keys) // 2 :])


class HeartbeatsTest(unittest.TestCase):
    """heartbeats()."""

    def test_each_is_for_another_check_and_says_that_it_has_no_body(self) -> None:
        beats = writes_data.heartbeats()
        self.assertEqual(len(set(beats)), 1000)
        for beat in beats:
            self.assertEqual(_body(beat), b"")


if __name__ == "__main__":
    unittest.main()
