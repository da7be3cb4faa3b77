"""What the large catalogs of the suite "cluster" are filled with."""

import json
import unittest

import cluster_data


class RegistrationTest(unittest.TestCase):
    """registration()."""

    def test_each_is_on_a_node_of_its_own(self) -> None:
        nodes = {cluster_data.registration(number)["Node"] for number in range(1000)}
        self.assertEqual(len(nodes), 1000)

    def test_twenty_share_a_service(self) -> None:
        services = {cluster_data.service_of(number) for number in range(cluster_data.INSTANCES)}
        self.assertEqual(len(services) * 20, cluster_data.INSTANCES)


class HeartbeatsTest(unittest.TestCase):
    """heartbeats()."""

    def test_names_the_check_that_was_registered(self) -> None:
        (request,) = cluster_data.heartbeats([7])
        head, _, body = request.partition(b"\r\n\r\n")
        self.assertTrue(head.startswith(b"PUT /v1/catalog/heartbeat HTTP/1.1\r\n"))
        check = cluster_data.registration(7)["Check"]
        assert isinstance(check, dict)
        self.assertEqual(json.loads(body), {"Node": "node-0000007", "CheckIDs": [check["CheckID"]]})


if __name__ == "__main__":
    unittest.main()
