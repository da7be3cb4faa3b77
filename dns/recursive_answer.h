// Answers that recursors have a part in: what they are asked, and what the client gets of what they
// say. Any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "dns/question.h"
#include "dns/record.h"
#include "dns/wire.h"

namespace rollcall::dns {

// An answer that waits for the recursors.
struct PendingAnswer {
  Question question;
  Answer answer;  // what is known of it; of a question that is forwarded as it is, nothing
  ReplySettings settings;
  std::vector<uint8_t> query;  // for the forwarder: the client's, or of where its alias leads
};

// `query`, which was parsed into `question`, was answered with `answer`, which asks for recursors.
PendingAnswer MakePending(std::span<const uint8_t> query, const Question& question, Answer answer,
                          const ReplySettings& settings);

// The octets for the client. `answer`: the forwarder's; nothing where no recursor answered, which
// is SERVFAIL, or for an alias the alias alone: a client that is a resolver can follow it. What an
// alias leads to is added to it with that answer's rcode (RFC 6604 section 3). Throws what
// EncodeMessage throws.
std::vector<uint8_t> CompleteAnswer(PendingAnswer pending, std::span<const uint8_t> answer);

}  // namespace rollcall::dns
