#include "registry/model/records.h"

#include "registry/base/ascii.h"

namespace rollcall::model {

std::string_view ToString(CheckStatus status) {
  switch (status) {
    case CheckStatus::kPassing:
      return "passing";
    case CheckStatus::kWarning:
      return "warning";
    case CheckStatus::kCritical:
      return "critical";
  }
  return "critical";
}

bool ParseCheckStatus(std::string_view text, CheckStatus* status) {
  for (const CheckStatus candidate :
       {CheckStatus::kPassing, CheckStatus::kWarning, CheckStatus::kCritical}) {
    if (text == ToString(candidate)) {
      *status = candidate;
      return true;
    }
  }
  return false;
}

std::string_view ToString(AclKind kind) {
  switch (kind) {
    case AclKind::kToken:
      return "token";
    case AclKind::kPolicy:
      return "policy";
    case AclKind::kRole:
      return "role";
    case AclKind::kAuthMethod:
      return "auth-method";
    case AclKind::kBindingRule:
      return "binding-rule";
    case AclKind::kBootstrap:
      break;
  }
  return "bootstrap";
}

bool ParseAclKind(std::string_view text, AclKind* kind) {
  for (const AclKind candidate : kAclKinds) {
    if (text == ToString(candidate)) {
      *kind = candidate;
      return true;
    }
  }
  return false;
}

bool SameContent(const Node& a, const Node& b) {
  return a.id == b.id && a.name == b.name && a.address == b.address &&
         a.tagged_addresses == b.tagged_addresses && a.meta == b.meta;
}

bool SameContent(const Instance& a, const Instance& b) {
  return a.node == b.node && a.id == b.id && a.service == b.service && a.kind == b.kind &&
         a.tags == b.tags && a.address == b.address && a.port == b.port &&
         a.socket_path == b.socket_path && a.tagged_addresses == b.tagged_addresses &&
         a.meta == b.meta && a.weights == b.weights &&
         a.enable_tag_override == b.enable_tag_override;
}

bool SameContent(const Check& a, const Check& b) {
  return a.node == b.node && a.check_id == b.check_id && a.name == b.name && a.status == b.status &&
         a.notes == b.notes && a.output == b.output && a.service_id == b.service_id &&
         a.service_name == b.service_name && a.service_tags == b.service_tags && a.type == b.type &&
         a.definition == b.definition && a.upkeep == b.upkeep;
}

bool SameContent(const Coordinate& a, const Coordinate& b) {
  return a.node == b.node && a.segment == b.segment && a.vec == b.vec && a.error == b.error &&
         a.adjustment == b.adjustment && a.height == b.height;
}

bool SameContent(const AclObject& a, const AclObject& b) {
  return a.kind == b.kind && EqualsIgnoreCase(a.id, b.id) && a.content == b.content;
}

bool IsUuid(std::string_view text) {
  if (text.size() != 36) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const char c = AsciiLower(text[i]);
    const bool hex = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    if (dash ? c != '-' : !hex) return false;
  }
  return true;
}

}  // namespace rollcall::model
