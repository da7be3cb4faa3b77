// Conditions: the operator and the value of one match, made ready for one kind of field. Values
// are read and patterns compiled once, when a filter is parsed; testing allocates nothing.
// Immutable, shared freely between threads.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "api/filter/expression.h"
#include "registry/base/result.h"
#include "registry/model/records.h"

namespace re2 {
class RE2;
}  // namespace re2

namespace rollcall::api::filter {

// A match and how far its selector has been followed into a record.
class Path {
 public:
  explicit Path(const Match& match) : match_(&match) {}

  const Match& match() const { return *match_; }
  bool at_end() const { return depth_ == match_->selector.path.size(); }
  // Precondition: !at_end().
  const std::string& step() const { return match_->selector.path[depth_]; }
  Path Next() const { return Path(*match_, depth_ + 1); }

  // The selector, up to the step that is looked at and with it, names nothing.
  Error NotValid() const;
  // The operator is none of this field's.
  Error NoSuchOperator() const;

 private:
  Path(const Match& match, size_t depth) : match_(&match), depth_(depth) {}

  const Match* match_;
  size_t depth_ = 0;
};

// What an operator says of a map's key, or a list's position, that is not there: nothing equals
// it, is in it or matches it, and it is empty.
bool HoldsForMissing(Operator op);

// == != in, not in (part of the text), matches, not matches.
class TextCondition {
 public:
  static Result<TextCondition> Make(const Path& path);
  bool Holds(std::string_view text) const;

 private:
  Operator op_ = Operator::kEqual;
  std::string value_;
  std::shared_ptr<const re2::RE2> pattern_;  // null unless the operator is of this kind
};

// == !=
class NumberCondition {
 public:
  static Result<NumberCondition> Make(const Path& path);
  bool Holds(int64_t number) const { return (number == value_) == equal_; }

 private:
  bool equal_ = true;
  int64_t value_ = 0;
};

// == !=
class FlagCondition {
 public:
  static Result<FlagCondition> Make(const Path& path);
  bool Holds(bool flag) const { return flag == value_; }

 private:
  bool value_ = true;
};

// in, not in, is empty, is not empty: of a list of texts, or of a map's keys.
class ContentCondition {
 public:
  static Result<ContentCondition> Make(const Path& path);

  bool Holds(const TextList& list) const;

  template <typename Value>
  bool Holds(const model::FlatMap<Value>& map) const {
    return asks_emptiness_ ? map.empty() == expected_
                           : (model::FindInMap(map, value_) != nullptr) == expected_;
  }

 private:
  bool asks_emptiness_ = false;
  bool expected_ = true;
  std::string value_;
};

// is empty, is not empty: of a list of records.
class EmptinessCondition {
 public:
  static Result<EmptinessCondition> Make(const Path& path);
  bool Holds(size_t size) const { return (size == 0) == empty_; }

 private:
  bool empty_ = true;
};

}  // namespace rollcall::api::filter
