// FastReply: the octets of one answer while they are written: header, question, records, OPT. A
// record is added whole or not at all, and never so that OPT has no room. Allocates nothing.
// One worker's.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "dns/absence.h"
#include "dns/constants.h"
#include "dns/octet_writer.h"
#include "dns/opt_record.h"
#include "dns/question.h"
#include "dns/wire.h"
#include "dns/zone.h"
#include "registry/base/index.h"
#include "registry/base/ip_address.h"

namespace rollcall::dns {

class FastReply {
 public:
  // Octets of a record besides its owner and its data.
  static constexpr size_t kRecordFixed = 10;
  static constexpr size_t kPointerSize = 2;
  // Octets of an SRV record's data besides its target (RFC 2782).
  static constexpr size_t kSrvFixed = 6;

  // Octets of a record with this address besides its owner.
  static constexpr size_t SizeOf(const Ipv4& address) { return kRecordFixed + address.size(); }
  static constexpr size_t SizeOf(const Ipv6& address) { return kRecordFixed + address.size(); }

  // Writes into `out`, which has room for settings.size octets. All outlive the reply.
  FastReply(const Zone& zone, const Question& question, const ReplySettings& settings,
            std::span<uint8_t> out);

  const Question& question() const { return question_; }
  const Zone& zone() const { return zone_; }
  // How many octets records may still take.
  size_t room() const { return out_.left() - opt_size_; }
  // Where the next octet will be.
  size_t offset() const { return out_.size(); }

  // Says why there is nothing; before any record, since it takes room.
  void Explain(Absence absence) { Explain(ErrorOf(absence, zone_.options())); }
  void Explain(std::optional<ExtendedError> error);

  void set_rcode(Rcode rcode) { opt_.rcode = rcode; }
  void set_authoritative() { flags_ |= flag::kAuthoritative; }
  void set_truncated() { flags_ |= flag::kTruncated; }

  // Records of the answer section, owned by the question's name. Those of the other sections come
  // after them. Precondition of all: there is room.
  template <typename Address>
  void AddAnswer(const Address& address, uint32_t ttl);
  // An SRV record at `labels` and below `apex`.
  struct Srv {
    uint16_t weight;
    uint16_t port;
    std::string_view labels;
    std::string_view apex;
  };
  // Where its target's name is written.
  size_t AddSrv(const Srv& srv, uint32_t ttl);

  // A name that was written as the target of an SRV record.
  struct Target {
    size_t at;  // as AddSrv told
    std::string_view labels;
    std::string_view apex;
  };
  // Its owner is a pointer to the whole name, or where that is out of a pointer's reach, to the
  // apex in the question.
  static constexpr size_t SizeOfOwner(size_t target_at, std::string_view labels) {
    return target_at <= kMaxPointed ? kPointerSize : labels.size() + kPointerSize;
  }
  // Records of the additional section.
  template <typename Address>
  void AddAdditional(const Target& owner, const Address& address, uint32_t ttl);

  // The SOA of the domain that the question ends in, in the authority section (RFC 2308 sections 2
  // and 5). `apex` is as long as that domain.
  void AddSoa(std::string_view apex, Index serial);

  // Writes what is left to write; how many octets there are then.
  size_t Finish();

  Rcode rcode() const { return opt_.rcode; }
  bool truncated() const { return (flags_ & flag::kTruncated) != 0; }

 private:
  static constexpr uint16_t TypeOf(const Ipv4& /*address*/) { return type::kA; }
  static constexpr uint16_t TypeOf(const Ipv6& /*address*/) { return type::kAaaa; }
  // A pointer to the last `size` octets of the question's name.
  uint16_t PointerToApex(size_t size) const;

  const Zone& zone_;
  const Question& question_;
  OctetWriter out_;
  OptReply opt_;
  size_t opt_size_ = 0;
  uint16_t flags_;
  uint16_t answers_ = 0;
  uint16_t authority_ = 0;
  uint16_t additional_ = 0;
};

}  // namespace rollcall::dns
