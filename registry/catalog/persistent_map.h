// PersistentMap: an ordered map whose copies share structure. Copying it costs one reference count;
// changing one of n entries copies O(log n) small nodes and leaves every other copy as it was. The
// catalog's snapshots are made of these.
//
// A B+-tree of at most kMaxFanout children a node, changed by path copying. An entry is an
// immutable object that counts its references (boost::intrusive_ref_counter); the key is part of
// it, found and compared by Traits:
//   struct Traits {
//     using Key = ...;                        // cheap to copy, may point into the entry
//     static Key KeyOf(const T& entry);
//     static int Compare(const Key& a, const Key& b);   // <0, 0, >0
//     static void Write(const Key& key, SortKey* to);   // the same order: see sort_key.h
//   };
//
// A search hardly ever looks at entries, each of which is somewhere else in memory. What the keys
// below a node begin with is the same for all of them: a node knows how long that is (`common`) and
// keeps the eight bytes that follow, its digest, for each child. Where digests are equal the keys
// themselves are compared. A search that goes by digests alone finds the key if it is there, and
// else some neighbour, which tells at which byte the key leaves the others (the idea of Patricia
// tries, Morrison 1968, and of the String B-tree, Ferragina and Grossi 1999).
//
// Threads: a map that nobody changes may be read and copied by any thread. Ensure and Erase need
// the map for themselves, as for any value; the other copies do not count.
//
// Invariants:
//   1. All leaves are at the same depth; entries are in ascending order, each key once.
//   2. A node other than the root is never empty and holds at most kMaxFanout children.
//   3. All keys below a node have their first `common` bytes in common; a digest is that of the
//      first key below the child, from `common` on.
//   4. A node is changed in place only by the batch (EditId) that made it, while no other
//      thread has seen it.
// Sibling nodes that together fit in one are merged on Erase, so that a map that shrinks gets flat.
// A map of one entry is that entry, without a tree: most nodes have one instance, or one check.
#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <boost/smart_ptr/intrusive_ptr.hpp>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

#include "registry/catalog/sort_key.h"

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
  class TreeNode;

 public:
  using Key = typename Traits::Key;
  using Entry = boost::intrusive_ptr<const T>;

  // Of entries in ascending order, each key once.
  static PersistentMap FromSorted(EditId edit, std::vector<Entry> entries) {
    assert(std::adjacent_find(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
             return Traits::Compare(Traits::KeyOf(*a), Traits::KeyOf(*b)) >= 0;
           }) == entries.end());
    PersistentMap map;
    map.size_ = entries.size();
    if (entries.empty()) return map;
    if (entries.size() == 1) {
      map.only_ = std::move(entries.front());
      return map;
    }
    std::vector<NodePtr> level = Grouped(edit, entries);
    while (level.size() > 1) level = Grouped(edit, level);
    map.root_ = std::move(level.front());
    return map;
  }

  size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }

  // The entry, or null. Valid as long as this map or a copy holds it.
  const T* Find(const Key& key) const {
    if (empty()) return nullptr;
    const T* nearest = only_ != nullptr ? only_.get() : Nearest(Search(key));
    return Traits::Compare(Traits::KeyOf(*nearest), key) == 0 ? nearest : nullptr;
  }

  // Adds `entry`, or puts it in the place of the one with its key.
  void Ensure(EditId edit, Entry entry) {
    if (root_ == nullptr) return EnsureInSmall(edit, std::move(entry));
    Search search(Traits::KeyOf(*entry));
    Part(&search);
    Grown grown = EnsureIn(edit, root_, search, std::move(entry));
    if (grown.right != nullptr) {
      NodePtr top = NewNode(edit, false, 2);
      top->PushBack(std::move(root_));
      top->PushBack(std::move(grown.right));
      top->Digest();
      root_ = std::move(top);
    }
  }

  // Removes the entry with `key`; false when there is none.
  bool Erase(EditId edit, const Key& key) {
    if (Find(key) == nullptr) return false;
    --size_;
    if (only_ != nullptr) {
      only_ = nullptr;
      return true;
    }
    EraseIn(edit, root_, Search(key));
    if (size_ == 1) {
      only_ = Entry(root_->First());
      root_ = nullptr;
    } else {
      while (!root_->is_leaf() && root_->width() == 1) root_ = NodePtr(root_->child(0));
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
    const T& operator*() const {
      return only_ != nullptr ? *only_ : *path_[depth_].node->entry(path_[depth_].at);
    }
    const T* operator->() const { return &**this; }
    Iterator& operator++() {
      if (only_ != nullptr) return *this = Iterator();
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
      return &*a == &*b;
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
        if (step.at == step.node->width()) {
          if (depth_ == 0) {
            done_ = true;
            return;
          }
          --depth_;
          ++path_[depth_].at;
        } else if (step.node->is_leaf()) {
          return;
        } else {
          assert(depth_ + 1 < path_.size());
          path_[depth_ + 1] = {step.node->child(step.at), 0};
          ++depth_;
        }
      }
    }

    const T* only_ = nullptr;      // of a map of one entry
    std::array<Step, 12> path_{};  // a tree of 12 levels has had 17^11 entries: see SplitIfFull
    size_t depth_ = 0;
    bool done_ = true;
  };

  Iterator begin() const {
    Iterator it;
    if (empty()) return it;
    it.done_ = false;
    it.only_ = only_.get();
    if (only_ != nullptr) return it;
    it.path_[0] = {root_.get(), 0};
    it.Settle();
    return it;
  }
  Iterator end() const { return Iterator(); }

  // The first entry that is not less than `key`.
  Iterator LowerBound(const Key& key) const {
    if (root_ == nullptr) {
      const bool is_before = only_ == nullptr || Traits::Compare(Traits::KeyOf(*only_), key) < 0;
      return is_before ? end() : begin();
    }
    Iterator it;
    it.done_ = false;
    Search search(key);
    Part(&search);
    const TreeNode* node = root_.get();
    for (; !node->is_leaf(); ++it.depth_) {
      const size_t at = ChildFor(*node, search);
      it.path_[it.depth_] = {node, at};
      node = node->child(at);
    }
    it.path_[it.depth_] = {node, PlaceIn(*node, search)};
    it.Settle();
    return it;
  }

 private:
  // Wide enough for a flat tree (a million entries: 5 levels), small enough that a copied path is
  // a few hundred pointers.
  static constexpr size_t kMaxFanout = 32;

  using NodePtr = boost::intrusive_ptr<TreeNode>;

  // A node in one block of memory: this header, a digest for each place, a pointer for each place.
  class TreeNode {
   public:
    static NodePtr New(EditId edit, bool is_leaf, size_t capacity) {
      void* block = ::operator new(sizeof(TreeNode) + capacity * (sizeof(uint64_t) + sizeof(Slot)));
      return NodePtr(new (block) TreeNode(edit, is_leaf, capacity));
    }
    TreeNode(const TreeNode&) = delete;
    TreeNode& operator=(const TreeNode&) = delete;

    EditId made_by() const { return made_by_; }
    bool is_leaf() const { return is_leaf_; }
    size_t width() const { return width_; }
    size_t capacity() const { return capacity_; }
    size_t common() const { return common_; }

    const T* entry(size_t at) const { return slots()[at].entry; }
    TreeNode* child(size_t at) const { return slots()[at].child; }
    const uint64_t* digests() const { return reinterpret_cast<const uint64_t*>(this + 1); }

    // The first and the last entry below.
    const T* First() const {
      const TreeNode* node = this;
      while (!node->is_leaf()) node = node->child(0);
      return node->entry(0);
    }
    const T* Last() const {
      const TreeNode* node = this;
      while (!node->is_leaf()) node = node->child(node->width() - 1);
      return node->entry(node->width() - 1);
    }

    // These leave the digests to their caller. There must be room.
    void PushBack(Entry entry) { slots()[width_++].entry = entry.detach(); }
    void PushBack(NodePtr child) { slots()[width_++].child = child.detach(); }
    void Insert(size_t at, Entry entry) { MakeRoom(at)->entry = entry.detach(); }
    void Insert(size_t at, NodePtr child) { MakeRoom(at)->child = child.detach(); }
    void Replace(size_t at, Entry entry) {
      const Entry old(std::exchange(slots()[at].entry, entry.detach()), false);
    }
    // Drops what is there.
    void Remove(size_t at) {
      Drop(slots()[at]);
      --width_;
      std::copy(slots() + at + 1, slots() + width_ + 1, slots() + at);
      std::copy(digests() + at + 1, digests() + width_ + 1, mutable_digests() + at);
    }
    // Moves all from `at` on to the end of `to`.
    void MoveTo(TreeNode* to, size_t at) {
      std::copy(slots() + at, slots() + width_, to->slots() + to->width_);
      std::copy(digests() + at, digests() + width_, to->mutable_digests() + to->width_);
      to->width_ = static_cast<uint8_t>(to->width_ + width_ - at);
      width_ = static_cast<uint8_t>(at);
    }
    // Shares all with `to`, which is empty.
    void CopyTo(TreeNode* to) const {
      std::copy(slots(), slots() + width_, to->slots());
      std::copy(digests(), digests() + width_, to->mutable_digests());
      to->width_ = width_;
      to->common_ = common_;
      for (size_t at = 0; at < width_; ++at) {
        if (is_leaf()) {
          intrusive_ptr_add_ref(entry(at));
        } else {
          intrusive_ptr_add_ref(child(at));
        }
      }
    }

    // The child, to be changed in its place.
    template <typename Change>
    auto ChangeChild(size_t at, Change change) {
      NodePtr child(slots()[at].child, false);
      slots()[at].child = nullptr;
      auto result = change(child);
      slots()[at].child = child.detach();
      return result;
    }

    // Finds out how much is common, and makes all digests anew.
    void Digest() {
      const Search first(Traits::KeyOf(*First()));
      Digest(first.bytes.CommonPrefix(Search(Traits::KeyOf(*Last())).bytes));
    }
    void Digest(size_t common) {
      common_ = static_cast<uint8_t>(std::min<size_t>(common, UINT8_MAX));
      for (size_t at = 0; at < width_; ++at) DigestAt(at);
    }
    void DigestAt(size_t at) {
      const T* first = is_leaf() ? entry(at) : child(at)->First();
      SetDigest(at, Search(Traits::KeyOf(*first)).bytes);
    }
    void SetDigest(size_t at, const SortKey& first) {
      mutable_digests()[at] = first.EightFrom(common_);
    }

   private:
    union Slot {
      const T* entry;
      TreeNode* child;
    };

    TreeNode(EditId edit, bool is_leaf, size_t capacity)
        : capacity_(static_cast<uint8_t>(capacity)), is_leaf_(is_leaf), made_by_(edit) {
      static_assert(sizeof(TreeNode) % alignof(Slot) == 0);
    }
    ~TreeNode() {
      for (size_t at = 0; at < width_; ++at) Drop(slots()[at]);
    }

    void Drop(Slot slot) const {
      if (is_leaf()) {
        const Entry gone(slot.entry, false);
      } else {
        const NodePtr gone(slot.child, false);
      }
    }
    Slot* MakeRoom(size_t at) {
      std::copy_backward(slots() + at, slots() + width_, slots() + width_ + 1);
      std::copy_backward(digests() + at, digests() + width_, mutable_digests() + width_ + 1);
      ++width_;
      return slots() + at;
    }

    uint64_t* mutable_digests() { return reinterpret_cast<uint64_t*>(this + 1); }
    const Slot* slots() const { return reinterpret_cast<const Slot*>(digests() + capacity_); }
    Slot* slots() { return reinterpret_cast<Slot*>(mutable_digests() + capacity_); }

    // By the names that boost::intrusive_ptr calls.
    // NOLINTNEXTLINE(readability-identifier-naming)
    friend void intrusive_ptr_add_ref(TreeNode* node) {
      node->references_.fetch_add(1, std::memory_order_relaxed);
    }
    // NOLINTNEXTLINE(readability-identifier-naming)
    friend void intrusive_ptr_release(TreeNode* node) {
      if (node->references_.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
      node->~TreeNode();
      ::operator delete(node);
    }

    std::atomic<uint32_t> references_{0};
    uint8_t common_ = 0;
    uint8_t width_ = 0;
    const uint8_t capacity_;
    const bool is_leaf_;
    const EditId made_by_;
  };
  static_assert(kMaxFanout < UINT8_MAX);

  // A key that is looked for.
  struct Search {
    explicit Search(const Key& k) : key(k) { Traits::Write(key, &bytes); }
    Key key;
    SortKey bytes;
    // Set by Part: the first `common` bytes are those of a key of the map and no longer prefix is;
    // below a node that has more in common the key is before all, or after all.
    size_t common = SIZE_MAX;
    bool is_after = false;
  };

  static NodePtr NewNode(EditId edit, bool is_leaf, size_t capacity) {
    return TreeNode::New(edit, is_leaf, capacity);
  }

  // Room for `width`, and some more where nodes are not small.
  static size_t CapacityFor(size_t width) {
    return width <= 4 ? width : std::min((width + 3) / 4 * 4, kMaxFanout + 1);
  }

  // Nodes over all of `below` (entries, or nodes of one level), as few as there can be and of
  // about the same width.
  template <typename Below>
  static std::vector<NodePtr> Grouped(EditId edit, std::vector<Below>& below) {
    const size_t count = (below.size() + kMaxFanout - 1) / kMaxFanout;
    std::vector<NodePtr> nodes;
    nodes.reserve(count);
    for (size_t i = 0; i < count; ++i) {
      const size_t begin = below.size() * i / count;
      const size_t end = below.size() * (i + 1) / count;
      NodePtr node = NewNode(edit, std::is_same_v<Below, Entry>, end - begin);
      for (size_t at = begin; at < end; ++at) node->PushBack(std::move(below[at]));
      node->Digest();
      nodes.push_back(std::move(node));
    }
    return nodes;
  }

  // Makes `node` one that `edit` may change and that has room for `width`: itself, or a copy.
  static void Own(EditId edit, NodePtr& node, size_t width) {
    const bool is_ours = node->made_by() == edit;
    if (is_ours && node->capacity() >= width) return;
    NodePtr copy = NewNode(edit, node->is_leaf(), CapacityFor(width));
    node->CopyTo(copy.get());
    node = std::move(copy);
  }

  // The entry with the key if there is one, else one that has as much in common with it as any.
  const T* Nearest(const Search& search) const {
    const TreeNode* node = root_.get();
    while (!node->is_leaf()) node = node->child(ChildFor(*node, search));
    return node->entry(std::min(PlaceIn(*node, search), node->width() - 1));
  }

  // Finds out where the key leaves those of the map.
  void Part(Search* search) const {
    const Search nearest(Traits::KeyOf(*Nearest(*search)));
    search->common = search->bytes.CommonPrefix(nearest.bytes);
    search->is_after = Traits::Compare(search->key, nearest.key) > 0;
  }

  // The place of the first entry of a leaf that is not less.
  static size_t PlaceIn(const TreeNode& node, const Search& search) {
    if (node.common() > search.common) return search.is_after ? node.width() : 0;
    const uint64_t digest = search.bytes.EightFrom(node.common());
    const uint64_t* begin = node.digests();
    const uint64_t* end = begin + node.width();
    const uint64_t* at = std::lower_bound(begin, end, digest);
    if (at == end || *at != digest) return static_cast<size_t>(at - begin);
    return FirstWhere(
        static_cast<size_t>(at - begin),
        static_cast<size_t>(std::upper_bound(at, end, digest) - begin),
        [&](size_t i) { return Traits::Compare(Traits::KeyOf(*node.entry(i)), search.key) >= 0; });
  }

  // The child of an inner node whose range the key falls in.
  static size_t ChildFor(const TreeNode& node, const Search& search) {
    if (node.common() > search.common) return search.is_after ? node.width() - 1 : 0;
    const uint64_t digest = search.bytes.EightFrom(node.common());
    const uint64_t* begin = node.digests();
    const uint64_t* end = begin + node.width();
    const uint64_t* after = std::upper_bound(begin + 1, end, digest);
    if (*(after - 1) != digest) return static_cast<size_t>(after - begin) - 1;
    const uint64_t* at = std::lower_bound(begin + 1, after, digest);
    return FirstWhere(static_cast<size_t>(at - begin), static_cast<size_t>(after - begin),
                      [&](size_t i) {
                        return Traits::Compare(search.key, Traits::KeyOf(*node.child(i)->First())) <
                               0;
                      }) -
           1;
  }

  // The first of [begin, end) for which `is_past` says true, as it does for all after it; else end.
  template <typename IsPast>
  static size_t FirstWhere(size_t begin, size_t end, IsPast is_past) {
    while (begin < end) {
      const size_t middle = begin + (end - begin) / 2;
      if (is_past(middle)) {
        end = middle;
      } else {
        begin = middle + 1;
      }
    }
    return begin;
  }

  // Into a map of no entry, or of one.
  void EnsureInSmall(EditId edit, Entry entry) {
    const int order =
        only_ == nullptr ? 0 : Traits::Compare(Traits::KeyOf(*only_), Traits::KeyOf(*entry));
    if (order == 0) {
      only_ = std::move(entry);
      size_ = 1;
      return;
    }
    if (order > 0) only_.swap(entry);
    root_ = NewNode(edit, true, 2);
    root_->PushBack(std::move(only_));
    root_->PushBack(std::move(entry));
    root_->Digest();
    size_ = 2;
  }

  // What has become of a node.
  struct Grown {
    NodePtr right;             // its new right sibling when it had to be split
    bool first_moved = false;  // whether another key is the first below it
  };

  Grown EnsureIn(EditId edit, NodePtr& node, const Search& search, Entry entry) {
    Grown grown;
    if (node->is_leaf()) {
      const size_t at = PlaceIn(*node, search);
      const bool is_new = at == node->width() || search.common < node->common() ||
                          Traits::Compare(Traits::KeyOf(*node->entry(at)), search.key) != 0;
      Own(edit, node, node->width() + (is_new ? 1 : 0));
      if (!is_new) {
        node->Replace(at, std::move(entry));
        return grown;
      }
      node->Insert(at, std::move(entry));
      ++size_;
      grown.first_moved = at == 0;
      Adopt(*node, at, search);
    } else {
      const size_t at = ChildFor(*node, search);
      Own(edit, node, node->width() + 1);
      Grown below = node->ChangeChild(
          at, [&](NodePtr& child) { return EnsureIn(edit, child, search, std::move(entry)); });
      grown.first_moved = below.first_moved && at == 0;
      if (search.common < node->common()) {
        node->Digest(search.common);
      } else if (below.first_moved) {
        node->SetDigest(at, search.bytes);
      }
      if (below.right != nullptr) {
        node->Insert(at + 1, std::move(below.right));
        node->DigestAt(at + 1);
      }
    }
    grown.right = SplitIfFull(edit, *node);
    return grown;
  }

  // Gives the entry that is new at `at` of a leaf its digest.
  static void Adopt(TreeNode& node, size_t at, const Search& search) {
    if (search.common < node.common()) {
      node.Digest(search.common);
    } else {
      node.SetDigest(at, search.bytes);
    }
  }

  // Splits off the right half of an overfull node; null when it is not overfull.
  static NodePtr SplitIfFull(EditId edit, TreeNode& node) {
    if (node.width() <= kMaxFanout) return nullptr;
    const size_t middle = node.width() / 2;
    NodePtr right = NewNode(edit, node.is_leaf(), CapacityFor(node.width() - middle));
    node.MoveTo(right.get(), middle);
    node.Digest();
    right->Digest();
    return right;
  }

  // Precondition: the key is there. May leave `node` empty. Returns whether another key is the
  // first below it.
  static bool EraseIn(EditId edit, NodePtr& node, const Search& search) {
    Own(edit, node, node->width());
    if (node->is_leaf()) {
      const size_t at = PlaceIn(*node, search);
      node->Remove(at);
      return at == 0;
    }
    const size_t at = ChildFor(*node, search);
    const bool moved =
        node->ChangeChild(at, [&](NodePtr& child) { return EraseIn(edit, child, search); });
    if (node->child(at)->width() == 0) {
      node->Remove(at);
    } else {
      if (moved) node->DigestAt(at);
      const bool is_merged = at > 0 && MergeWithNext(edit, *node, at - 1);
      if (!is_merged && at + 1 < node->width()) MergeWithNext(edit, *node, at);
    }
    return moved && at == 0;
  }

  // Makes one of the children at `left` and after it when both fit well in one (half full, so that
  // a merge is not followed by a split). False when they do not.
  static bool MergeWithNext(EditId edit, TreeNode& node, size_t left) {
    const TreeNode& from = *node.child(left + 1);
    const size_t width = node.child(left)->width() + from.width();
    if (width > kMaxFanout / 2) return false;
    NodePtr merged = NewNode(edit, from.is_leaf(), CapacityFor(width));
    for (const TreeNode* half : {node.child(left), node.child(left + 1)}) {
      for (size_t i = 0; i < half->width(); ++i) {
        if (half->is_leaf()) {
          merged->PushBack(Entry(half->entry(i)));
        } else {
          merged->PushBack(NodePtr(half->child(i)));
        }
      }
    }
    merged->Digest();
    node.ChangeChild(left, [&](NodePtr& child) {
      child = std::move(merged);
      return true;
    });
    node.Remove(left + 1);
    return true;
  }

  NodePtr root_;  // null for less than two entries
  Entry only_;    // null but for one entry
  size_t size_ = 0;
};

}  // namespace rollcall::catalog
