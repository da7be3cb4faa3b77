"""An etcd with the 100,000 instances of cluster_data, for the rows that start servers on it."""

import cluster_data
import cluster_servers
import etcd
from servers import Place, Server
from suite import Setting


class LargeCluster:
    """Three members of etcd, and one server that runs all the while. It owns expiry."""

    def __init__(self, setting: Setting, place: Place):
        self._program = str(setting.build / "rollcall")
        self.place = place
        self.members = etcd.start_members(place, cluster_servers.MEMBERS)
        self._started = 0
        self.first = self.start(place)
        cluster_servers.await_ready(self.first)
        cluster_servers.await_owner(self.members[0])
        setting.say(f"registering {cluster_data.INSTANCES:,} instances")
        cluster_data.fill(self.first)
        self.bytes_in_use = etcd.bytes_in_use(self.members)

    def start(self, place: Place) -> Server:
        """A further server, which follows the next member. Returns at once."""
        number, self._started = self._started, self._started + 1
        member = self.members[number % len(self.members)]
        return cluster_servers.start_server(place, self._program, number, member)
