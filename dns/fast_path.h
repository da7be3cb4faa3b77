// FastPath: answers what is asked all the time (SRV, A and AAAA of services; A and AAAA of nodes
// and addresses; names that are not there) straight into the octets of the message, from what is
// prepared in the snapshot. Once that is prepared, an answer allocates nothing, takes no lock and
// throws nothing, and costs what it holds, however large the service is. Every answer is the one
// that AnswerQuestion and EncodeMessage give, which remain for everything else.
// One worker's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "dns/absence.h"
#include "dns/constants.h"
#include "dns/name.h"
#include "dns/question.h"
#include "dns/random.h"
#include "dns/service_view.h"
#include "dns/weighted_draw.h"
#include "dns/wire.h"
#include "dns/zone.h"
#include "registry/catalog/snapshot.h"

namespace rollcall::dns {

class FastReply;

// What was written.
struct WrittenAnswer {
  size_t size = 0;  // in octets
  Rcode rcode = Rcode::kNoError;
  bool truncated = false;
};

class FastPath {
 public:
  // `random` outlives this.
  explicit FastPath(Random* random) : draw_(random) {}

  // Answers a question of class IN that was parsed without complaint into `out`, which has room for
  // `limits.size` octets. Empty when this question is not for here. Throws std::bad_alloc while
  // something is prepared.
  std::optional<WrittenAnswer> Answer(const Zone& zone, const catalog::Snapshot& snapshot,
                                      const Question& question, const MessageLimits& limits,
                                      std::span<uint8_t> out);

 private:
  // An endpoint that goes into the answer.
  struct Pick {
    const ServiceView::Endpoint* endpoint;
    bool with_addresses;  // its target's, being the first of that target
    size_t target_at;     // where the target's name is written
  };

  bool AnswerService(const Zone& zone, const catalog::Snapshot& snapshot, const NameForm& form,
                     FastReply* reply);
  void AddEndpoints(const ServiceView& view, const NameForm& form, uint32_t ttl, FastReply* reply);
  // Draws endpoints until the next one does not fit.
  void PickEndpoints(const ServiceView& view, size_t apex_size, FastReply* reply);
  bool IsFirstOfTarget(uint32_t target, const ServiceView& view);
  template <typename Address>
  void AddAddresses(const std::vector<Address>& addresses, const WeightGroups& weights,
                    uint32_t ttl, FastReply* reply);

  WeightedDraw draw_;
  std::vector<Pick> picks_;
  // Which targets this answer has: those that are marked with its number.
  std::vector<uint32_t> target_marks_;
  uint32_t mark_ = 0;
};

}  // namespace rollcall::dns
