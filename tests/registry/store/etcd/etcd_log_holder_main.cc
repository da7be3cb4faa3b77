// etcd_log_holder ENDPOINT KEY: a server that puts one key while it lives, for tests to kill.
#include <unistd.h>

#include "tests/registry/store/etcd/followed_log.h"

int main(int, char** argv) {
  using rollcall::store::FollowedLog;
  using rollcall::store::Operation;
  using rollcall::store::Told;
  auto options = rollcall::store::ParseEtcdUrl(std::string("etcd://") + argv[1]);
  options->timeouts.lease_ttl = std::chrono::seconds(2);
  FollowedLog log(*options);
  log.Follow();
  log.Wait([](const Told& told) { return !told.leases.empty(); });
  log.Propose({}, {{Operation::Kind::kPutWhileAlive, argv[2], "here"}});
  while (true) pause();
}
