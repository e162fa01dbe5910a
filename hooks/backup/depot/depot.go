// Package depot keeps objects under keys, in a folder or in a bucket of
// S3-compatible storage. Backups and the replica lie in depots.
//
// Keys are paths with slashes. An object appears whole or not at all.
package depot

import (
	"context"
	"io"
	"time"
)

// Depot keeps objects.
type Depot interface {
	// Put stores what r gives under a key, in place of what is there.
	Put(ctx context.Context, key string, r io.Reader) error
	// Open reads an object; the error is fs.ErrNotExist if there is none.
	Open(ctx context.Context, key string) (io.ReadCloser, error)
	// List names all objects whose key begins with prefix, in order of their
	// keys.
	List(ctx context.Context, prefix string) ([]Object, error)
	// Remove deletes an object; it is no error if there is none.
	Remove(ctx context.Context, key string) error
	// Where says for people where a key lies: a path, or bucket and key.
	Where(key string) string
}

// Object is something stored.
type Object struct {
	Key  string
	Size int64 // bytes
	At   time.Time
}

// reading ends with its context.
type reading struct {
	ctx context.Context
	r   io.Reader
}

func (r reading) Read(p []byte) (int, error) {
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.r.Read(p)
}
