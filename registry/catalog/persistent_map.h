// PersistentMap: an ordered map whose copies share structure. Copying it costs one reference count;
// changing one of n entries copies O(log n) small nodes and leaves every other copy as it was. The
// catalog's snapshots are made of these.
//
// A B+-tree of at most kMaxFanout children a node, changed by path copying. Entries are
// std::shared_ptr<const T>; the key is part of the entry, found and compared by Traits:
//   struct Traits {
//     using Key = ...;                        // cheap to copy, may point into the entry
//     static Key KeyOf(const T& entry);
//     static int Compare(const Key& a, const Key& b);   // <0, 0, >0
//   };
//
// Threads: a map that nobody changes may be read and copied by any thread. Ensure and Erase need
// the map for themselves, as for any value; the other copies do not count.
//
// Invariants:
//   1. All leaves are at the same depth; entries are in ascending order, each key once.
//   2. A node other than the root is never empty and holds at most kMaxFanout children.
//   3. `first` of a node is its leftmost entry.
//   4. A node is changed in place only by the batch (EditId) that made it, while no other
//      thread has seen it.
// Sibling nodes that together fit in one are merged on Erase, so that a map that shrinks gets flat.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace rollcall::catalog {

// Names the nodes that one batch of changes has made and may therefore change again in place.
// A new batch takes a new EditId. Any thread.
class EditId {
 public:
  static EditId Next() {
    static std::atomic<uint64_t> last{0};
    return EditId(last.fetch_add(1, std::memory_order_relaxed) + 1);
  }
  friend bool operator==(EditId, EditId) = default;

 private:
  explicit EditId(uint64_t value) : value_(value) {}
  uint64_t value_;
};

template <typename T, typename Traits>
class PersistentMap {
  struct TreeNode;

 public:
  using Key = typename Traits::Key;
  using Entry = std::shared_ptr<const T>;

  // Of entries in ascending order, each key once.
  static PersistentMap FromSorted(EditId edit, std::vector<Entry> entries) {
    assert(std::adjacent_find(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
             return Traits::Compare(KeyOf(a), KeyOf(b)) >= 0;
           }) == entries.end());
    PersistentMap map;
    map.size_ = entries.size();
    if (entries.empty()) return map;
    std::vector<NodePtr> level = Grouped(edit, entries);
    while (level.size() > 1) level = Grouped(edit, level);
    map.root_ = std::move(level.front());
    return map;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The entry, or null. Valid as long as this map or a copy holds it.
  const T* Find(const Key& key) const {
    const Entry* entry = FindEntry(key);
    return entry == nullptr ? nullptr : entry->get();
  }

  // The entry's pointer, or null.
  const Entry* FindEntry(const Key& key) const {
    const TreeNode* node = root_.get();
    if (node == nullptr) return nullptr;
    while (!node->is_leaf) node = node->children[ChildFor(*node, key)].get();
    const size_t at = LowerBound(node->entries, key);
    if (at == node->entries.size() || Traits::Compare(KeyOf(node->entries[at]), key) != 0) {
      return nullptr;
    }
    return &node->entries[at];
  }

  // Adds `entry`, or puts it in the place of the one with its key.
  void Ensure(EditId edit, Entry entry) {
    if (root_ == nullptr) {
      root_ = NewNode(edit, true);
      root_->entries.push_back(std::move(entry));
      root_->first = root_->entries.front().get();
      size_ = 1;
      return;
    }
    Own(edit, root_);
    if (NodePtr right = EnsureIn(edit, *root_, std::move(entry))) {
      NodePtr top = NewNode(edit, false);
      top->children = {root_, std::move(right)};
      top->first = root_->first;
      root_ = std::move(top);
    }
  }

  // Removes the entry with `key`; false when there is none.
  bool Erase(EditId edit, const Key& key) {
    if (Find(key) == nullptr) return false;
    Own(edit, root_);
    EraseIn(edit, *root_, key);
    --size_;
    if (size_ == 0) {
      root_ = nullptr;
    } else {
      while (!root_->is_leaf && root_->children.size() == 1) root_ = root_->children.front();
    }
    return true;
  }

  // Forward iteration in ascending order, over a map that outlives the iterator.
  class Iterator {
   public:
    using value_type = T;
    using reference = const T&;
    using difference_type = std::ptrdiff_t;
    using iterator_category = std::forward_iterator_tag;
    using pointer = const T*;

    Iterator() = default;
    const T& operator*() const { return *entry(); }
    const T* operator->() const { return entry().get(); }
    const Entry& entry() const { return path_[depth_].node->entries[path_[depth_].at]; }
    Iterator& operator++() {
      ++path_[depth_].at;
      Settle();
      return *this;
    }
    Iterator operator++(int) {
      Iterator before = *this;
      ++*this;
      return before;
    }
    friend bool operator==(const Iterator& a, const Iterator& b) {
      if (a.done_ || b.done_) return a.done_ == b.done_;
      return &a.entry() == &b.entry();
    }

   private:
    friend class PersistentMap;
    struct Step {
      const TreeNode* node;
      size_t at;
    };

    // Moves from a position that may be past a node's end to the next entry.
    void Settle() {
      while (true) {
        Step& step = path_[depth_];
        const size_t end =
            step.node->is_leaf ? step.node->entries.size() : step.node->children.size();
        if (step.at == end) {
          if (depth_ == 0) {
            done_ = true;
            return;
          }
          --depth_;
          ++path_[depth_].at;
        } else if (step.node->is_leaf) {
          return;
        } else {
          path_[depth_ + 1] = {step.node->children[step.at].get(), 0};
          ++depth_;
        }
      }
    }

    std::array<Step, 12> path_{};  // 12 levels of at least 2 children after merging: see kMaxFanout
    size_t depth_ = 0;
    bool done_ = true;
  };

  Iterator begin() const {
    Iterator it;
    if (root_ == nullptr) return it;
    it.done_ = false;
    it.path_[0] = {root_.get(), 0};
    it.Settle();
    return it;
  }
  Iterator end() const { return Iterator(); }

  // The first entry that is not less than `key`.
  Iterator LowerBound(const Key& key) const {
    Iterator it;
    if (root_ == nullptr) return it;
    it.done_ = false;
    const TreeNode* node = root_.get();
    for (; !node->is_leaf; ++it.depth_) {
      const size_t at = ChildFor(*node, key);
      it.path_[it.depth_] = {node, at};
      node = node->children[at].get();
    }
    it.path_[it.depth_] = {node, LowerBound(node->entries, key)};
    it.Settle();
    return it;
  }

 private:
  // Wide enough for a flat tree (a million entries: 5 levels), small enough that a copied path is
  // a few hundred pointers.
  static constexpr size_t kMaxFanout = 32;

  using NodePtr = std::shared_ptr<TreeNode>;

  struct TreeNode {
    TreeNode(EditId edit, bool leaf) : made_by(edit), is_leaf(leaf) {}
    EditId made_by;
    bool is_leaf;
    const T* first = nullptr;
    std::vector<NodePtr> children;  // of an inner node
    std::vector<Entry> entries;     // of a leaf
  };

  static Key KeyOf(const Entry& entry) { return Traits::KeyOf(*entry); }
  static NodePtr NewNode(EditId edit, bool leaf) { return std::make_shared<TreeNode>(edit, leaf); }

  // Nodes over all of `below` (entries, or nodes of one level), as few as there can be and of
  // about the same width.
  template <typename Below>
  static std::vector<NodePtr> Grouped(EditId edit, std::vector<Below>& below) {
    constexpr bool kOfEntries = std::is_same_v<Below, Entry>;
    const size_t count = (below.size() + kMaxFanout - 1) / kMaxFanout;
    std::vector<NodePtr> nodes;
    nodes.reserve(count);
    const auto at = [&](size_t i) {
      return std::make_move_iterator(below.begin() +
                                     static_cast<std::ptrdiff_t>(below.size() * i / count));
    };
    for (size_t i = 0; i < count; ++i) {
      NodePtr node = NewNode(edit, kOfEntries);
      if constexpr (kOfEntries) {
        node->entries.assign(at(i), at(i + 1));
        node->first = node->entries.front().get();
      } else {
        node->children.assign(at(i), at(i + 1));
        node->first = node->children.front()->first;
      }
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

  // Makes `node` one that `edit` may change: itself, or a copy.
  static void Own(EditId edit, NodePtr& node) {
    if (node->made_by == edit) return;
    NodePtr copy = std::make_shared<TreeNode>(*node);
    copy->made_by = edit;
    node = std::move(copy);
  }

  static size_t LowerBound(const std::vector<Entry>& entries, const Key& key) {
    const auto at = std::lower_bound(
        entries.begin(), entries.end(), key,
        [](const Entry& entry, const Key& k) { return Traits::Compare(KeyOf(entry), k) < 0; });
    return static_cast<size_t>(at - entries.begin());
  }

  // The child whose range `key` falls in.
  static size_t ChildFor(const TreeNode& node, const Key& key) {
    const auto after =
        std::upper_bound(node.children.begin() + 1, node.children.end(), key,
                         [](const Key& k, const NodePtr& child) {
                           return Traits::Compare(k, Traits::KeyOf(*child->first)) < 0;
                         });
    return static_cast<size_t>(after - node.children.begin()) - 1;
  }

  // Splits off the right half of an overfull node; null when it is not overfull.
  static NodePtr SplitIfFull(EditId edit, TreeNode& node) {
    const auto split = [&](auto& from, auto& to) {
      const auto middle = from.begin() + static_cast<std::ptrdiff_t>(from.size() / 2);
      to.assign(std::make_move_iterator(middle), std::make_move_iterator(from.end()));
      from.erase(middle, from.end());
    };
    if (node.children.size() <= kMaxFanout && node.entries.size() <= kMaxFanout) return nullptr;
    NodePtr right = NewNode(edit, node.is_leaf);
    split(node.children, right->children);
    split(node.entries, right->entries);
    right->first = node.is_leaf ? right->entries.front().get() : right->children.front()->first;
    return right;
  }

  // Returns the new right sibling when `node` had to be split.
  NodePtr EnsureIn(EditId edit, TreeNode& node, Entry entry) {
    const Key key = KeyOf(entry);
    if (node.is_leaf) {
      const size_t at = LowerBound(node.entries, key);
      if (at < node.entries.size() && Traits::Compare(KeyOf(node.entries[at]), key) == 0) {
        node.entries[at] = std::move(entry);
      } else {
        node.entries.insert(node.entries.begin() + static_cast<std::ptrdiff_t>(at),
                            std::move(entry));
        ++size_;
      }
      node.first = node.entries.front().get();
    } else {
      const size_t at = ChildFor(node, key);
      Own(edit, node.children[at]);
      if (NodePtr right = EnsureIn(edit, *node.children[at], std::move(entry))) {
        node.children.insert(node.children.begin() + static_cast<std::ptrdiff_t>(at) + 1,
                             std::move(right));
      }
      node.first = node.children.front()->first;
    }
    return SplitIfFull(edit, node);
  }

  // Precondition: the key is there. May leave `node` empty.
  void EraseIn(EditId edit, TreeNode& node, const Key& key) {
    if (node.is_leaf) {
      node.entries.erase(node.entries.begin() +
                         static_cast<std::ptrdiff_t>(LowerBound(node.entries, key)));
      node.first = node.entries.empty() ? nullptr : node.entries.front().get();
      return;
    }
    const size_t at = ChildFor(node, key);
    Own(edit, node.children[at]);
    EraseIn(edit, *node.children[at], key);
    MergeAt(edit, node, at);
    node.first = node.children.empty() ? nullptr : node.children.front()->first;
  }

  static size_t Width(const TreeNode& node) {
    return node.is_leaf ? node.entries.size() : node.children.size();
  }

  // After `node.children[at]` has shrunk: drops it when empty, else merges it with a neighbour when
  // both fit well in one (half full, so that a merge is not followed by a split).
  static void MergeAt(EditId edit, TreeNode& node, size_t at) {
    const auto drop = [&](size_t i) {
      node.children.erase(node.children.begin() + static_cast<std::ptrdiff_t>(i));
    };
    if (Width(*node.children[at]) == 0) return drop(at);
    if (node.children.size() == 1) return;
    const size_t left = at == 0 ? 0 : at - 1;
    if (Width(*node.children[left]) + Width(*node.children[left + 1]) > kMaxFanout / 2) return;
    Own(edit, node.children[left]);
    TreeNode& to = *node.children[left];
    const TreeNode& from = *node.children[left + 1];
    to.entries.insert(to.entries.end(), from.entries.begin(), from.entries.end());
    to.children.insert(to.children.end(), from.children.begin(), from.children.end());
    drop(left + 1);
  }

  NodePtr root_;
  size_t size_ = 0;
};

}  // namespace rollcall::catalog
