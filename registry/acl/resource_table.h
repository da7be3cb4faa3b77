// ResourceTable: what the rules about one resource grant, by name. Immutable: any thread. Asking
// allocates nothing.
//
// The catalog takes "Admin" and "admin" for the same service or node, and rules are written about
// names as they stand. So that a denial of "admin" is not evaded by registering "Admin", a right to
// a name that the catalog does not tell from others takes both:
//   1. the rules, as they are written, grant it to the name, as it is written; and
//   2. the rules, with all their names in lower case, grant it to the name in lower case. Rules
//      that become rules about the same name are merged as ever: a denial stands.
// Where rules and name are in lower case, both are the same.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <utility>

#include "registry/acl/name_table.h"
#include "registry/base/ascii.h"

namespace rollcall::acl {

class ResourceTable {
 public:
  // Of names that the catalog tells apart by their case.
  static ResourceTable OfExactNames(NameTable as_written) {
    return {std::move(as_written), std::nullopt, Names::kExact};
  }
  // Of others. `in_lower_case`: of the same rules; none if they are in lower case as they stand.
  static ResourceTable OfFoldedNames(NameTable as_written, std::optional<NameTable> in_lower_case) {
    return {std::move(as_written), std::move(in_lower_case), Names::kFolded};
  }

  bool Allows(std::string_view name, Right right) const {
    if (!as_written_.Allows(name, right)) return false;
    if (names_ == Names::kExact) return true;
    if (in_lower_case_) return in_lower_case_->AllowsLower(name, right);
    return !HasAsciiUpper(name) || as_written_.AllowsLower(name, right);
  }

  // Every name, whatever its bytes. For what the rules in lower case refuse to some name, there is
  // one that those as they are written refuse: the name of the rule that does, and the rest.
  bool AllowsEvery(Right right) const { return as_written_.AllowsEvery(right); }
  // At least one; what the rules in lower case grant, those as they are written grant to some name
  // likewise. It may be true of none where a rule for each byte but capitals leaves a name nothing.
  bool AllowsAny(Right right) const {
    return (in_lower_case_ ? *in_lower_case_ : as_written_).AllowsAny(right);
  }

  // See NameTable. Of exact names only.
  bool AllowsAllBelow(std::string_view prefix, Right right) const {
    return as_written_.AllowsAllBelow(prefix, right);
  }

  // How much it holds beside itself, about.
  size_t bytes() const {
    return as_written_.bytes() + (in_lower_case_ ? in_lower_case_->bytes() : 0);
  }

 private:
  enum class Names : uint8_t { kExact, kFolded };

  ResourceTable(NameTable as_written, std::optional<NameTable> in_lower_case, Names names)
      : as_written_(std::move(as_written)),
        in_lower_case_(std::move(in_lower_case)),
        names_(names) {}

  // Constant after construction.
  NameTable as_written_;
  std::optional<NameTable> in_lower_case_;
  Names names_;
};

}  // namespace rollcall::acl
