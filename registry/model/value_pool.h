// ValuePool: makes equal values one. Most records of a catalog say what many others say too: the
// instances of a service have its name, its tags, its metadata in common, their checks the name and
// the definition. Passed through the pool, all of them refer to the one value that came first.
//
// What is nearly always a record's own (its ID, its address, the name of a node) is not in the
// pool, where it would cost a place and never be found. It is shared with the records at hand
// instead: the checks of an instance have its ID, all that is on a node has the node's name.
//
// The pool forgets what nobody else refers to any more, from time to time; one in front of another
// (below) never does. Belongs to one thread: the one that makes records. The values that it hands
// out are any thread's. Several threads that make records at once have a pool each, in front of one
// that they share.
#pragma once

#include <boost/unordered/unordered_flat_set.hpp>
#include <cstddef>
#include <mutex>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "registry/base/shared_value.h"
#include "registry/base/text.h"
#include "registry/model/records.h"

namespace rollcall::model {

class ValuePool {
 public:
  ValuePool() = default;
  // A pool in front of `behind`, of which it asks what it does not know itself: all pools in front
  // of one hand out the same values. Whoever uses `behind` meanwhile holds `*mutex`. Both outlive
  // this pool, which is for one task and not kept.
  ValuePool(ValuePool* behind, std::mutex* mutex) : behind_(behind), mutex_(mutex) {}
  ValuePool(const ValuePool&) = delete;
  ValuePool& operator=(const ValuePool&) = delete;

  // The one value that equals the argument; the argument itself, when it is the first.
  Text Share(const Text& text);
  Text Share(std::string_view text);
  TextList Share(std::span<const std::string_view> list);
  // Of pairs in the order of a map.
  StringMap Share(std::span<const std::pair<std::string_view, std::string_view>> map);
  TextList Share(const TextList& list);
  StringMap Share(const StringMap& map);
  SharedValue<CheckDefinition> Share(const SharedValue<CheckDefinition>& definition);

  // Goes through what a record has in common with others. `before` is the record that it takes the
  // place of, null when it is new; `node` the one that it is on; `instance` the one that a check is
  // of, null when it is of the whole node or the instance is not known.
  void Share(Node* node, const Node* before);
  void Share(Instance* instance, const Node& node, const Instance* before);
  void Share(Check* check, const Node& node, const Instance* instance, const Check* before);

  // Of a check. It is mostly its own and is not in the pool; what is short ("OK", "TTL expired") is
  // said by many.
  Text ShareOutput(std::string_view output);

  // How many values it holds.
  size_t size() const { return texts_.size() + lists_.size() + maps_.size() + definitions_.size(); }
  // Forgets now what nobody else refers to.
  void Sweep();

 private:
  // Texts by their characters.
  struct TextHash {
    using is_transparent = void;
    size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
  };
  struct TextEqual {
    using is_transparent = void;
    bool operator()(std::string_view a, std::string_view b) const { return a == b; }
  };
  // Arrays by the characters of their elements.
  struct ArrayHash {
    using is_transparent = void;
    template <typename Array>
    size_t operator()(const Array& array) const;
  };
  struct ArrayEqual {
    using is_transparent = void;
    template <typename A, typename B>
    bool operator()(const A& a, const B& b) const;
  };
  struct DefinitionHash {
    size_t operator()(const SharedValue<CheckDefinition>& definition) const;
  };

  template <typename Characters>
  Text ShareText(const Characters& text);
  template <typename Set, typename Array>
  typename Set::value_type ShareArray(Set* set, const Array& array);
  // Asks `behind_`.
  template <typename Value>
  auto FromBehind(const Value& value);
  // Before each value that is looked for.
  void SweepIfDue();

  boost::unordered_flat_set<Text, TextHash, TextEqual> texts_;
  boost::unordered_flat_set<TextList, ArrayHash, ArrayEqual> lists_;
  boost::unordered_flat_set<StringMap, ArrayHash, ArrayEqual> maps_;
  boost::unordered_flat_set<SharedValue<CheckDefinition>, DefinitionHash> definitions_;
  size_t asked_ = 0;  // since it was last swept
  size_t size_when_swept_ = 0;
  ValuePool* const behind_ = nullptr;
  std::mutex* const mutex_ = nullptr;  // null: nothing is behind
};

}  // namespace rollcall::model
