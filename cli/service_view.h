// The instances of one service as GET /v1/health/service/:name shows them, reduced to what the
// commands print; and what changed between two such answers. Plain values, any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "registry/base/result.h"

namespace rollcall::cli {

struct InstanceView {
  std::string node;
  std::string id;
  std::string address;  // the instance's, else its node's
  int port = 0;
  std::vector<std::string> tags;
  std::string status;                // the worst of its checks and its node's
  std::vector<std::string> failing;  // the names of the checks that are not passing

  // "10.0.0.1:8080", "[::1]:8080"; without the port when it has none.
  std::string Endpoint() const;
};

// kCorruption when `body` is not what that path answers: whoever listens there is no registry.
Result<std::vector<InstanceView>> ParseHealthService(std::string_view body);

enum class ChangeKind { kAdded, kRemoved, kStatus, kMoved, kRetagged };

struct Change {
  ChangeKind kind;
  InstanceView instance;  // as it is now; of kRemoved, as it was
  InstanceView before;    // of kStatus, kMoved and kRetagged
};

// What turns `before` into `after`: one change for each thing that an instance did. Ordered by
// instance.
std::vector<Change> Compare(const std::vector<InstanceView>& before,
                            const std::vector<InstanceView>& after);

std::string Join(const std::vector<std::string>& words, std::string_view separator);

}  // namespace rollcall::cli
