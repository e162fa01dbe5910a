package replica

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"os"
	"path"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/benbjohnson/litestream"
	"github.com/superfly/ltx"
)

// client keeps Litestream's files in a depot: litestream.ReplicaClient. The
// time of a file is when it was stored.
type client struct {
	in  *sealed
	top string // key under which the generation lies, without a slash at the end

	written atomic.Int64 // Unix milliseconds of the last file that was stored
	begun   atomic.Bool  // something was written by this process
}

var _ litestream.ReplicaClient = (*client)(nil)

func (c *client) level(n int) string { return fmt.Sprintf("%s/db/%04x/", c.top, n) }

func (c *client) key(level int, lowest, highest ltx.TXID) string {
	return c.level(level) + ltx.FormatFilename(lowest, highest)
}

// Type names the kind of client in logs.
func (c *client) Type() string { return "shohay" }

// Init has nothing to do.
func (c *client) Init(context.Context) error { return nil }

// SetLogger has nothing to log to: every fault is returned.
func (c *client) SetLogger(*slog.Logger) {}

// LTXFiles lists a level from a transaction on.
func (c *client) LTXFiles(ctx context.Context, level int, seek ltx.TXID, _ bool) (ltx.FileIterator, error) {
	all, err := c.in.List(ctx, c.level(level))
	if err != nil {
		return nil, fmt.Errorf("list the replica: %w", err)
	}
	var found []*ltx.FileInfo
	for _, o := range all {
		lowest, highest, err := ltx.ParseFilename(path.Base(o.Key))
		if err != nil || lowest < seek {
			continue
		}
		found = append(found, &ltx.FileInfo{Level: level, MinTXID: lowest, MaxTXID: highest, Size: c.in.size(o.Size), CreatedAt: o.At.UTC()})
	}
	slices.SortFunc(found, func(a, b *ltx.FileInfo) int {
		return cmp.Or(cmp.Compare(a.MinTXID, b.MinTXID), cmp.Compare(a.MaxTXID, b.MaxTXID))
	})
	return ltx.NewFileInfoSliceIterator(found), nil
}

// OpenLTXFile reads a file from an offset on, size bytes or, with 0, the rest.
func (c *client) OpenLTXFile(ctx context.Context, level int, lowest, highest ltx.TXID, offset, size int64) (io.ReadCloser, error) {
	key := c.key(level, lowest, highest)
	r, err := c.in.Open(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, litestream.NewLTXError("open", key, level, uint64(lowest), uint64(highest), os.ErrNotExist)
	}
	if err != nil {
		return nil, err
	}
	if offset > 0 {
		if _, err := io.CopyN(io.Discard, r, offset); err != nil {
			return nil, errors.Join(err, r.Close())
		}
	}
	if size <= 0 {
		return r, nil
	}
	return struct {
		io.Reader
		io.Closer
	}{io.LimitReader(r, size), r}, nil
}

// WriteLTXFile stores a file.
func (c *client) WriteLTXFile(ctx context.Context, level int, lowest, highest ltx.TXID, r io.Reader) (*ltx.FileInfo, error) {
	counted := &counter{r: bufio.NewReaderSize(r, 32<<10)}
	if err := c.in.Put(ctx, c.key(level, lowest, highest), counted); err != nil {
		return nil, fmt.Errorf("write to the replica: %w", err)
	}
	now := time.Now()
	c.written.Store(now.UnixMilli())
	c.begun.Store(true)
	return &ltx.FileInfo{Level: level, MinTXID: lowest, MaxTXID: highest, Size: counted.n, CreatedAt: now.UTC()}, nil
}

type counter struct {
	r io.Reader
	n int64
}

func (c *counter) Read(p []byte) (int, error) {
	n, err := c.r.Read(p)
	c.n += int64(n)
	return n, err
}

// DeleteLTXFiles removes files.
func (c *client) DeleteLTXFiles(ctx context.Context, files []*ltx.FileInfo) error {
	for _, f := range files {
		if err := c.in.Remove(ctx, c.key(f.Level, f.MinTXID, f.MaxTXID)); err != nil {
			return fmt.Errorf("thin out the replica: %w", err)
		}
	}
	return nil
}

// DeleteAll removes the generation.
func (c *client) DeleteAll(ctx context.Context) error { return removeAll(ctx, c.in, c.top+"/") }

func removeAll(ctx context.Context, in *sealed, prefix string) error {
	all, err := in.List(ctx, prefix)
	for _, o := range all {
		if !strings.HasPrefix(o.Key, prefix) {
			continue
		}
		err = errors.Join(err, in.Remove(ctx, o.Key))
	}
	return err
}

// whole tells whether a shop can be brought back from a generation.
func (c *client) whole(ctx context.Context) (bool, error) {
	_, err := litestream.CalcRestorePlan(ctx, c, 0, time.Time{}, quiet)
	if errors.Is(err, litestream.ErrTxNotAvailable) || errors.Is(err, litestream.ErrNoSnapshots) {
		return false, nil
	}
	return err == nil, err
}

// quiet is for what is expected to fail now and then.
var quiet = slog.New(slog.DiscardHandler)
