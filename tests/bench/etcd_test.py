"""What etcd is asked, and how its answers are read."""

import unittest

import etcd
from failure import Failure


class EtcdTest(unittest.TestCase):
    """etcd."""

    def test_a_put_holds_key_and_value_in_base64(self) -> None:
        head, _, body = etcd.put("key", b"\x00value").partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"POST /v3/kv/put HTTP/1.1\r\n"))
        self.assertEqual(body, b'{"key": "a2V5", "value": "AHZhbHVl"}')

    def test_reads_the_revision(self) -> None:
        answer = '{"header":{"cluster_id":"1","revision":"42","raft_term":"2"}}'
        self.assertEqual(etcd.revision_in(answer), 42)

    def test_an_answer_without_revision_fails(self) -> None:
        for answer in ("", "[]", "{}", '{"error":"etcdserver: no leader"}', '{"header":{}}'):
            with self.subTest(answer), self.assertRaises(Failure):
                etcd.revision_in(answer)


if __name__ == "__main__":
    unittest.main()
