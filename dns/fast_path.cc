#include "dns/fast_path.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "dns/domain_name.h"
#include "dns/fast_reply.h"
#include "dns/lookup.h"
#include "dns/prepared_service.h"
#include "dns/reach.h"

namespace rollcall::dns {

namespace {

// Types that a service or a name without data has more to say to than "nothing of this type".
bool IsAnsweredElsewhere(uint16_t type) {
  switch (type) {
    case type::kTxt:
    case type::kAny:
    case type::kSoa:
    case type::kNs:
      return true;
    default:
      return false;
  }
}

// What a target's name ends in.
std::string_view EndOf(const ServiceView::Target& target, std::string_view apex) {
  return target.is_absolute ? std::string_view() : apex;
}

// What the addresses of a target take whose name is written at `at`.
size_t SizeOfAddresses(const ServiceView::Target& target, size_t at, std::string_view labels) {
  const size_t owner = FastReply::SizeOfOwner(at, labels);
  return (target.has_v4 ? owner + FastReply::SizeOf(target.v4) : 0) +
         (target.has_v6 ? owner + FastReply::SizeOf(target.v6) : 0);
}

bool IsTransfer(uint16_t type) { return type == type::kAxfr || type == type::kIxfr; }

void AnswerNothing(LookupState state, Absence absence, const NameForm& form,
                   const catalog::Snapshot& snapshot, FastReply* reply) {
  reply->set_rcode(state == LookupState::kNxDomain ? Rcode::kNxDomain : Rcode::kNoError);
  if (absence != Absence::kNone) reply->Explain(absence);
  reply->AddSoa(form.apex, snapshot.index());
}

// The addresses of one node or address name. False for a type that is not for here, and for a node
// at a host name.
bool AnswerReach(const Reach& reach, uint32_t ttl, const NameForm& form,
                 const catalog::Snapshot& snapshot, FastReply* reply) {
  if (!reach.has_address()) return false;
  const uint16_t type = reply->question().type;
  if (type != type::kA && type != type::kAaaa) return false;
  if (type == type::kA && reach.v4) {
    reply->AddAnswer(*reach.v4, ttl);
  } else if (type == type::kAaaa && reach.v6) {
    reply->AddAnswer(*reach.v6, ttl);
  } else {
    AnswerNothing(LookupState::kNoData, Absence::kNoFamily, form, snapshot, reply);
  }
  return true;
}

// False for a node that may not be seen, as well as what AnswerReach says.
bool AnswerNode(const AnswerSource& source, const NameForm& form, FastReply* reply) {
  const catalog::Snapshot& snapshot = source.snapshot;
  const catalog::NodeEntry* const node = snapshot.FindNode(form.node);
  if (!source.sight.Node(node == nullptr ? form.node : node->node->name.view())) return false;
  if (node == nullptr) {
    AnswerNothing(LookupState::kNxDomain, Absence::kNoNode, form, snapshot, reply);
    return true;
  }
  // Metadata goes into the additional section.
  if (!node->node->meta.empty()) return false;
  const auto ttl = static_cast<uint32_t>(reply->zone().options().node_ttl.count());
  return AnswerReach(ReachOf(*node->node), ttl, form, snapshot, reply);
}

bool AnswerAddress(const NameForm& form, const catalog::Snapshot& snapshot, FastReply* reply) {
  Reach reach;
  if (const Ipv4* v4 = std::get_if<Ipv4>(&form.address)) {
    reach.v4 = *v4;
  } else {
    reach.v6 = std::get<Ipv6>(form.address);
  }
  const auto ttl = static_cast<uint32_t>(reply->zone().options().node_ttl.count());
  return AnswerReach(reach, ttl, form, snapshot, reply);
}

}  // namespace

std::optional<WrittenAnswer> FastPath::Answer(const AnswerSource& source, const Question& question,
                                              const ReplySettings& settings,
                                              std::span<uint8_t> out) {
  if (IsTransfer(question.type) || source.outage != Outage::kNone) return std::nullopt;
  const Zone& zone = source.zone;
  const catalog::Snapshot& snapshot = source.snapshot;
  const DottedLabels labels(question.name);
  const NameForm form = InterpretName(question.name, labels, question.type, zone);
  FastReply reply(zone, question, settings, out);
  bool is_answered = true;
  switch (form.kind) {
    case NameKind::kOutside:
      if (source.recursion == Recursion::kAllowed) return std::nullopt;
      reply.set_rcode(Rcode::kRefused);
      reply.Explain(NotOurs(source.recursion));
      break;
    case NameKind::kApex:
    case NameKind::kReverse:
      return std::nullopt;
    case NameKind::kUnknown:
      // In in-addr.arpa the SOA's names are not below the apex.
      if (form.in_arpa) return std::nullopt;
      AnswerNothing(LookupState::kNxDomain, Absence::kNoSuchForm, form, snapshot, &reply);
      break;
    case NameKind::kEmptyNonTerminal:
      AnswerNothing(LookupState::kNoData, Absence::kNone, form, snapshot, &reply);
      break;
    case NameKind::kNode:
      is_answered = AnswerNode(source, form, &reply);
      break;
    case NameKind::kAddress:
      is_answered = AnswerAddress(form, snapshot, &reply);
      break;
    case NameKind::kService:
      is_answered = AnswerService(source, form, &reply);
      break;
  }
  if (!is_answered) return std::nullopt;
  if (form.kind != NameKind::kOutside) reply.set_authoritative();
  const size_t size = reply.Finish();
  return WrittenAnswer{size, reply.rcode(), reply.truncated()};
}

bool FastPath::AnswerService(const AnswerSource& source, const NameForm& form, FastReply* reply) {
  const Zone& zone = source.zone;
  const catalog::Snapshot& snapshot = source.snapshot;
  const catalog::ServiceEntry* const service = snapshot.FindService(form.service);
  // What is prepared is for those who see all of it.
  if (!source.sight.SeesAllNodes() ||
      !source.sight.Service(service == nullptr ? form.service : service->name.view())) {
    return false;
  }
  if (service == nullptr) {
    const Found found = LookupAbsentService(form);
    AnswerNothing(found.state, found.absence, form, snapshot, reply);
    return true;
  }
  const PreparedService* const prepared = PreparedService::Of(*service, zone);
  if (prepared == nullptr) return false;
  const PreparedAnswer& answer = prepared->Find(form.tag, zone);
  if (answer.state != LookupState::kHit) {
    AnswerNothing(answer.state, answer.absence, form, snapshot, reply);
    return true;
  }
  const ServiceView& view = *answer.view;
  const uint16_t type = reply->question().type;
  if (!view.is_plain() || IsAnsweredElsewhere(type)) return false;
  const uint32_t ttl = prepared->Ttl(zone);
  choice_ = OrderOf(source);
  const size_t wanted = zone.options().max_answers;
  max_answers_ = wanted == 0 ? std::numeric_limits<size_t>::max() : wanted;
  if (type == type::kSrv) {
    AddEndpoints(view, form.apex, ttl, reply);
  } else if (type == type::kA && !view.v4().empty()) {
    AddAddresses(view.v4(), view.v4_shares(), ttl, reply);
  } else if (type == type::kAaaa && !view.v6().empty()) {
    AddAddresses(view.v6(), view.v6_shares(), ttl, reply);
  } else {
    const bool asks_address = type == type::kA || type == type::kAaaa;
    AnswerNothing(LookupState::kNoData, asks_address ? Absence::kNoFamily : Absence::kNone, form,
                  snapshot, reply);
  }
  return true;
}

template <typename Address>
void FastPath::AddAddresses(const std::vector<Address>& addresses, const RecordShares& shares,
                            uint32_t ttl, FastReply* reply) {
  const size_t each = FastReply::kPointerSize + FastReply::SizeOf(Address{});
  const size_t wanted = std::min(addresses.size(), max_answers_);
  const size_t count = std::min(wanted, reply->room() / each);
  if (count < wanted) reply->set_truncated();
  order_.Begin(choice_, shares);
  for (size_t i = 0; i < count; ++i) reply->AddAnswer(addresses[order_.Next()], ttl);
}

void FastPath::AddEndpoints(const ServiceView& view, std::string_view apex, uint32_t ttl,
                            FastReply* reply) {
  constexpr size_t kBeforeTarget =
      FastReply::kPointerSize + FastReply::kRecordFixed + FastReply::kSrvFixed;
  pointed_.clear();
  targets_.Clear(view.targets().size());
  order_.Begin(choice_, view.endpoint_shares());
  const size_t wanted = std::min(view.endpoints().size(), max_answers_);
  size_t room = reply->room();  // that is not taken, be it by what is still to be written
  for (size_t i = 0; i < wanted; ++i) {
    const ServiceView::Endpoint& endpoint = view.endpoints()[order_.Next()];
    const ServiceView::Target& target = view.targets()[endpoint.target];
    const std::string_view labels = view.name_of(target);
    const FastReply::Srv srv{endpoint.weight, endpoint.port, labels, EndOf(target, apex)};
    const size_t srv_size = kBeforeTarget + labels.size() + srv.apex.size();
    // The addresses of a target are those of its first record.
    const bool is_first = targets_.Insert(endpoint.target);
    const size_t size =
        srv_size +
        (is_first ? SizeOfAddresses(target, reply->offset() + kBeforeTarget, labels) : 0);
    if (size > room) {
      reply->set_truncated();
      // At least one record is kept, if need be without its addresses.
      if (i == 0 && srv_size <= room) reply->AddSrv(srv, ttl);
      break;
    }
    room -= size;
    const size_t target_at = reply->AddSrv(srv, ttl);
    if (is_first) pointed_.push_back({&target, target_at});
  }
  for (const Pointed& pointed : pointed_) {
    const ServiceView::Target& target = *pointed.target;
    const FastReply::Target owner{pointed.at, view.name_of(target), apex};
    if (target.has_v4) reply->AddAdditional(owner, target.v4, ttl);
    if (target.has_v6) reply->AddAdditional(owner, target.v6, ttl);
  }
}

}  // namespace rollcall::dns
