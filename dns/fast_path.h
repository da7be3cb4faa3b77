// FastPath: answers what is asked all the time (SRV, A and AAAA of services; A and AAAA of nodes
// and addresses; names that are not there) straight into the octets of the message, from what is
// prepared in the snapshot. Once that is prepared, an answer allocates nothing, takes no lock and
// throws nothing, and in random order costs what it holds, however large the service is. Every
// answer is the one that AnswerQuestion and EncodeMessage give, which remain for everything else,
// and for what may be seen in part or not at all.
// One worker's.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "dns/answer.h"
#include "dns/constants.h"
#include "dns/mark_set.h"
#include "dns/name.h"
#include "dns/order.h"
#include "dns/question.h"
#include "dns/random.h"
#include "dns/record_order.h"
#include "dns/service_view.h"
#include "dns/wire.h"

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
  explicit FastPath(Random* random) : order_(random) {}

  // Answers a question of class IN that was parsed without complaint into `out`, which has room for
  // `settings.size` octets. Empty when this question is not for here. Throws std::bad_alloc while
  // something is prepared.
  std::optional<WrittenAnswer> Answer(const AnswerSource& source, const Question& question,
                                      const ReplySettings& settings, std::span<uint8_t> out);

 private:
  // A target that the answer has, and where its name is written.
  struct Pointed {
    const ServiceView::Target* target;
    size_t at;
  };

  bool AnswerService(const AnswerSource& source, const NameForm& form, FastReply* reply);
  // Takes endpoints in order until the next one does not fit, or there are enough.
  void AddEndpoints(const ServiceView& view, std::string_view apex, uint32_t ttl, FastReply* reply);
  template <typename Address>
  void AddAddresses(const std::vector<Address>& addresses, const RecordShares& shares, uint32_t ttl,
                    FastReply* reply);

  RecordOrder order_;
  OrderChoice choice_;  // of this answer
  size_t max_answers_ = 0;
  std::vector<Pointed> pointed_;  // in the order of the SRV records
  MarkSet targets_;               // the same
};

}  // namespace rollcall::dns
