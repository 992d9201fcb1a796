// Command raft-logs writes Raft logs with the libraries that Consul links, and prints what these read.
//
//	raft-logs write bolt|wal PATH SCENARIO SEED COUNT
//	raft-logs read bolt|wal PATH
//	raft-logs live bolt|wal PATH SEED COUNT RATE
//
// live appends COUNT entries, RATE in a second, and prints each after it is stored. Old entries are dropped
// and uncommitted ones replaced meanwhile: a line "replaced INDEX" precedes what replaces them.
//
// A line for each entry: index, term, type, time in nanoseconds since 1970 or -, and the SHA-256 of
// data and extensions.
package main

import (
	"bufio"
	"crypto/sha256"
	"errors"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/hashicorp/raft"
	raftboltdb "github.com/hashicorp/raft-boltdb/v2"
	raftwal "github.com/hashicorp/raft-wal"
)

type store interface {
	raft.LogStore
	raft.StableStore
	Close() error
}

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "raft-logs:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	switch {
	case len(args) == 6 && args[0] == "write":
		seed, err := strconv.ParseInt(args[4], 10, 64)
		if err != nil {
			return err
		}
		count, err := strconv.ParseUint(args[5], 10, 64)
		if err != nil {
			return err
		}
		return write(args[1], args[2], args[3], seed, count)
	case len(args) == 6 && args[0] == "live":
		var numbers [3]int64
		for i := range numbers {
			n, err := strconv.ParseInt(args[3+i], 10, 64)
			if err != nil {
				return err
			}
			numbers[i] = n
		}
		return live(args[1], args[2], numbers[0], uint64(numbers[1]), numbers[2])
	case len(args) == 3 && args[0] == "read":
		s, err := open(args[1], args[2])
		if err != nil {
			return err
		}
		defer s.Close()
		return print(s)
	}
	return errors.New("usage: raft-logs write bolt|wal PATH SCENARIO SEED COUNT, raft-logs read bolt|wal PATH, or raft-logs live bolt|wal PATH SEED COUNT RATE")
}

func open(kind, path string) (store, error) {
	switch kind {
	case "bolt":
		return raftboltdb.New(raftboltdb.Options{Path: path, NoSync: true, MsgpackUseNewTimeFormat: true})
	case "wal":
		if err := os.MkdirAll(path, 0o700); err != nil {
			return nil, err
		}
		// Small segments, so that many are sealed.
		return raftwal.Open(path, raftwal.WithSegmentSize(256*1024))
	}
	return nil, fmt.Errorf("unknown store %q", kind)
}

func print(s store) error {
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	first, err := s.FirstIndex()
	if err != nil {
		return err
	}
	last, err := s.LastIndex()
	if err != nil {
		return err
	}
	for index := first; index != 0 && index <= last; index++ {
		var log raft.Log
		if err := s.GetLog(index, &log); err != nil {
			return fmt.Errorf("entry %d: %w", index, err)
		}
		fmt.Fprintln(out, line(&log))
	}
	return nil
}

func line(log *raft.Log) string {
	at := "-"
	if !log.AppendedAt.IsZero() {
		at = strconv.FormatInt(log.AppendedAt.UnixNano(), 10)
	}
	return fmt.Sprintf("%d %d %d %s %x %x", log.Index, log.Term, uint8(log.Type), at,
		sha256.Sum256(log.Data), sha256.Sum256(log.Extensions))
}

// writer makes entries, the same for the same seed.
type writer struct {
	s      store
	random *rand.Rand
	next   uint64
	term   uint64
}

func (w *writer) entry() *raft.Log {
	log := &raft.Log{Index: w.next, Term: w.term, Type: raft.LogCommand}
	w.next++
	switch w.random.Intn(40) {
	case 0:
		log.Type = raft.LogNoop
	case 1:
		log.Type = raft.LogConfiguration
	case 2:
		log.Type = raft.LogBarrier
	}
	size := w.random.Intn(400)
	switch w.random.Intn(60) {
	case 0:
		// More than a page, more than some.
		size = w.random.Intn(40_000)
	case 1:
		size = 0
	}
	if size > 0 {
		log.Data = make([]byte, size)
		w.random.Read(log.Data)
	}
	if w.random.Intn(20) == 0 {
		log.Extensions = make([]byte, 1+w.random.Intn(30))
		w.random.Read(log.Extensions)
	}
	if w.random.Intn(5) != 0 {
		log.AppendedAt = time.Unix(1_795_403_400+int64(w.next), int64(w.random.Intn(1_000_000_000))).UTC()
	}
	return log
}

// entries appends that many, in batches of some size.
func (w *writer) entries(count uint64) error {
	for count > 0 {
		n := uint64(1 + w.random.Intn(64))
		if w.random.Intn(2) == 0 {
			n = 1
		}
		n = min(n, count)
		batch := make([]*raft.Log, 0, n)
		for range n {
			batch = append(batch, w.entry())
		}
		if err := w.s.StoreLogs(batch); err != nil {
			return err
		}
		count -= n
	}
	return nil
}

// create opens a log in a folder that need not be there yet.
func create(kind, path string) (store, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	return open(kind, path)
}

func write(kind, path, scenario string, seed int64, count uint64) error {
	s, err := create(kind, path)
	if err != nil {
		return err
	}
	defer s.Close()
	random := rand.New(rand.NewSource(seed))
	w := &writer{s: s, random: random, next: 1, term: 1}
	if scenario == "later" {
		w.next = 1 + uint64(random.Intn(1_000_000))
	}
	if err := s.SetUint64([]byte("CurrentTerm"), 7); err != nil {
		return err
	}
	if err := w.entries(count); err != nil {
		return err
	}
	first, last := w.next-count, w.next-1
	switch scenario {
	case "whole", "later":
	case "head":
		// Old entries are dropped after a snapshot, several times.
		for range 3 {
			to := first + uint64(random.Int63n(int64(last-first)))
			if err := s.DeleteRange(first, to); err != nil {
				return err
			}
			first = to + 1
			if err := w.entries(count / 8); err != nil {
				return err
			}
			last = w.next - 1
		}
	case "tail":
		// A new leader replaces entries that were never committed, several times.
		for range 3 {
			from := last - uint64(random.Int63n(int64(count/4)))
			if err := s.DeleteRange(from, last); err != nil {
				return err
			}
			w.next = from
			w.term++
			if err := w.entries(1 + count/6); err != nil {
				return err
			}
			last = w.next - 1
		}
	case "both":
		to := first + uint64(random.Int63n(int64(count/2)))
		if err := s.DeleteRange(first, to); err != nil {
			return err
		}
		from := last - uint64(random.Int63n(int64(count/4)))
		if err := s.DeleteRange(from, last); err != nil {
			return err
		}
		w.next = from
		w.term += 3
		if err := w.entries(count / 4); err != nil {
			return err
		}
	case "emptied":
		if err := s.DeleteRange(first, last); err != nil {
			return err
		}
	default:
		return fmt.Errorf("unknown scenario %q", scenario)
	}
	return print(s)
}

// live appends entries as a busy server does.
func live(kind, path string, seed int64, count uint64, rate int64) error {
	s, err := create(kind, path)
	if err != nil {
		return err
	}
	defer s.Close()
	w := &writer{s: s, random: rand.New(rand.NewSource(seed)), next: 1, term: 1}
	first := uint64(1)
	for stored := uint64(0); stored < count; {
		batch := []*raft.Log{}
		for range 1 + w.random.Intn(4) {
			batch = append(batch, w.entry())
		}
		if err := s.StoreLogs(batch); err != nil {
			return err
		}
		for _, log := range batch {
			fmt.Println(line(log))
		}
		stored += uint64(len(batch))
		last := w.next - 1
		switch w.random.Intn(60) {
		case 0:
			if to := last - 40; last > 40 && to > first {
				if err := s.DeleteRange(first, to); err != nil {
					return err
				}
				first = to + 1
			}
		case 1:
			if from := last - 2; last > 2 && from > first {
				if err := s.DeleteRange(from, last); err != nil {
					return err
				}
				w.next = from
				w.term++
				fmt.Println("replaced", from)
			}
		}
		time.Sleep(time.Second * time.Duration(len(batch)) / time.Duration(rate))
	}
	return nil
}
