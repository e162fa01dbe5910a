package replica

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"filippo.io/age"
	"github.com/shohay/shohay/hooks/backup/depot"
)

// workFactor is the logarithm of scrypt's cost for the key's passphrase: 64 MB
// and about a third of a second on a slow core.
const workFactor = 16

// What may be wrong with a passphrase.
var (
	ErrPassphrase       = errors.New("the passphrase does not open this replica")
	ErrPassphraseWanted = errors.New("the replica is encrypted: give its passphrase")
)

// sealed is a depot whose objects are encrypted on the way, if there is a key.
type sealed struct {
	depot.Depot
	key      *age.X25519Identity // nil for none
	overhead int64               // bytes of an object that has nothing in it
}

const (
	chunk    = 64 << 10 // age encrypts in chunks of so many bytes …
	chunkTag = 16       // … each with so many more (age-encryption.org/v1)
)

// open finds the key of a replica. With make, one is drawn if there is none
// yet and a passphrase is given.
func open(ctx context.Context, d depot.Depot, passphrase string, make bool) (*sealed, error) {
	r, err := d.Open(ctx, keyName)
	switch {
	case errors.Is(err, fs.ErrNotExist) && (passphrase == "" || !make):
		return &sealed{Depot: d}, nil
	case errors.Is(err, fs.ErrNotExist):
		return draw(ctx, d, passphrase)
	case err != nil:
		return nil, fmt.Errorf("read the replica's key: %w", err)
	}
	defer r.Close()
	if passphrase == "" {
		return nil, ErrPassphraseWanted
	}
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	plain, err := age.Decrypt(r, id)
	if wrong := (*age.NoIdentityMatchError)(nil); errors.As(err, &wrong) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("read the replica's key: %w", err)
	}
	text, err := io.ReadAll(io.LimitReader(plain, 1<<10))
	if err != nil {
		return nil, fmt.Errorf("read the replica's key: %w", err)
	}
	key, err := age.ParseX25519Identity(string(text))
	if err != nil {
		return nil, fmt.Errorf("read the replica's key: %w", err)
	}
	return with(d, key)
}

// draw makes a key and leaves it there under the passphrase.
func draw(ctx context.Context, d depot.Depot, passphrase string) (*sealed, error) {
	key, err := age.GenerateX25519Identity()
	if err != nil {
		return nil, err
	}
	to, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	to.SetWorkFactor(workFactor)
	var b bytes.Buffer
	w, err := age.Encrypt(&b, to)
	if err != nil {
		return nil, err
	}
	if _, err := io.WriteString(w, key.String()); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if err := d.Put(ctx, keyName, &b); err != nil {
		return nil, fmt.Errorf("write the replica's key: %w", err)
	}
	return with(d, key)
}

func with(d depot.Depot, key *age.X25519Identity) (*sealed, error) {
	s := &sealed{Depot: d, key: key}
	var empty bytes.Buffer
	w, err := age.Encrypt(&empty, key.Recipient())
	if err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	s.overhead = int64(empty.Len())
	return s, nil
}

// Put encrypts.
func (s *sealed) Put(ctx context.Context, key string, r io.Reader) error {
	if s.key == nil {
		return s.Depot.Put(ctx, key, r)
	}
	from, to := io.Pipe()
	go func() {
		w, err := age.Encrypt(to, s.key.Recipient())
		if err == nil {
			_, err = io.Copy(w, r)
			if err == nil {
				err = w.Close()
			}
		}
		to.CloseWithError(err)
	}()
	err := s.Depot.Put(ctx, key, from)
	from.CloseWithError(errors.Join(err, io.ErrClosedPipe)) // ends the writer, if the depot gave up
	return err
}

// Open decrypts.
func (s *sealed) Open(ctx context.Context, key string) (io.ReadCloser, error) {
	r, err := s.Depot.Open(ctx, key)
	if err != nil || s.key == nil {
		return r, err
	}
	plain, err := age.Decrypt(r, s.key)
	if err != nil {
		return nil, errors.Join(fmt.Errorf("decrypt %s: %w", key, err), r.Close())
	}
	return struct {
		io.Reader
		io.Closer
	}{plain, r}, nil
}

// size is how much is in an object of so many bytes.
func (s *sealed) size(stored int64) int64 {
	if s.key == nil {
		return stored
	}
	// What is empty has one chunk, too.
	rest := stored - s.overhead + chunkTag
	chunks := max(1, (rest+chunk+chunkTag-1)/(chunk+chunkTag))
	return max(0, rest-chunks*chunkTag)
}
