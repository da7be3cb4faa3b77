// Sharing: what the records that are decoded share their texts with, so that what is known already
// takes no memory of its own. Belongs to the thread that decodes; who decodes many records keeps
// one for all of them.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "registry/base/shared_value.h"
#include "registry/base/text.h"
#include "registry/model/records.h"
#include "registry/model/value_pool.h"

namespace rollcall::store {

class Sharing {
 public:
  // What many records say they share through `pool`, which outlives this.
  explicit Sharing(model::ValuePool* pool) : pool_(*pool) {}

  model::ValuePool& pool() { return pool_; }

  // A text of the pool that the next record is likely to say; null: none.
  void ExpectCommon(const Text* text) { common_ = text; }
  // Texts that are not in the pool and that the next record may say again, as others that belong
  // to it do; nulls are nothing.
  void ExpectOwn(const std::array<const Text*, 2>& texts) { own_ = texts; }
  void ExpectNothing() {
    common_ = nullptr;
    own_ = {};
  }

  // The text with these characters: one for what many records say, and one for what is a record's
  // own.
  Text Common(std::string_view characters) {
    return common_ != nullptr && *common_ == characters ? *common_ : pool_.Share(characters);
  }
  Text Own(std::string_view characters) const {
    for (const Text* known : own_) {
      if (known != nullptr && *known == characters) return *known;
    }
    return characters;
  }

  // The definition whose encoding this is, when it is the one that was kept last: mostly the next
  // check has the same. Null when it is not.
  const SharedValue<model::CheckDefinition>* LastDefinition(std::string_view encoded) const {
    return definition_ != nullptr && encoded == encoded_definition_ ? &definition_ : nullptr;
  }
  void KeepDefinition(std::string_view encoded, SharedValue<model::CheckDefinition> definition) {
    encoded_definition_ = encoded;
    definition_ = std::move(definition);
  }

 private:
  model::ValuePool& pool_;
  const Text* common_ = nullptr;
  std::array<const Text*, 2> own_{};
  std::string encoded_definition_;
  SharedValue<model::CheckDefinition> definition_;  // null: none was kept
};

}  // namespace rollcall::store
