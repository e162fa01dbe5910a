package backup

import (
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// workFactor is the logarithm of scrypt's cost: 64 MB and about a third of a
// second on a slow core, which a machine with 512 MB can afford.
const workFactor = 16

// ErrPassphrase says that a backup was encrypted with another passphrase.
var ErrPassphrase = errors.New("the passphrase does not open this backup")

// encrypt returns a writer whose bytes arrive at w encrypted, as
// "age --passphrase" does it. Close it.
func encrypt(w io.Writer, passphrase string) (io.WriteCloser, error) {
	r, err := age.NewScryptRecipient(passphrase)
	if err != nil {
		return nil, err
	}
	r.SetWorkFactor(workFactor)
	return age.Encrypt(w, r)
}

func decrypt(r io.Reader, passphrase string) (io.Reader, error) {
	id, err := age.NewScryptIdentity(passphrase)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrPassphrase, err)
	}
	plain, err := age.Decrypt(r, id)
	if wrong := (*age.NoIdentityMatchError)(nil); errors.As(err, &wrong) {
		return nil, ErrPassphrase
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return plain, nil
}
