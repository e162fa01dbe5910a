package backup

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/backup/depot"
	"github.com/shohay/shohay/hooks/schema"
)

// place holds backups by name.
type place struct{ depot.Depot }

// File is one backup in a place.
type File struct {
	Name  string `json:"name"`
	Bytes int64  `json:"bytes"`
}

// put copies a file there; it appears whole or not at all.
func (p place) put(ctx context.Context, name, file string) error {
	src, err := os.Open(file)
	if err != nil {
		return err
	}
	defer src.Close()
	return p.Put(ctx, name, src)
}

// get copies one back into a new file.
func (p place) get(ctx context.Context, name, file string) error {
	src, err := p.Open(ctx, name)
	if err != nil {
		return err
	}
	defer src.Close()
	dst, err := create(file)
	if err != nil {
		return err
	}
	_, err = io.Copy(dst, src)
	return errors.Join(err, dst.Close())
}

func (p place) list(ctx context.Context) (all []File, err error) {
	found, err := p.List(ctx, filePrefix)
	for _, o := range found {
		if _, ok := timeOf(o.Key); ok {
			all = append(all, File{o.Key, o.Size})
		}
	}
	return all, err
}

// Place is a record of backup_places.
type Place struct{ core.BaseRecordProxy }

func wrap(r *core.Record) *Place {
	p := new(Place)
	p.SetProxyRecord(r)
	return p
}

func (p *Place) bucket() bool { return p.GetString(schema.PlaceKind) == schema.PlaceKindBucket }

// Folder is where a folder's backups lie.
func (p *Place) Folder(dataDir string) string {
	if f := p.GetString(schema.PlaceFolder); f != "" {
		return f
	}
	return filepath.Join(dataDir, core.LocalBackupsDirName)
}

func (p *Place) keep() Keep {
	return Keep{p.GetInt(schema.PlaceDaily), p.GetInt(schema.PlaceWeekly), p.GetInt(schema.PlaceMonthly)}
}

// Same tells whether a place is still where it was, with the same keys.
func (p *Place) Same(as *Place) bool {
	for _, f := range []string{schema.ID, schema.PlaceKind, schema.PlaceFolder, schema.PlaceEndpoint, schema.PlaceBucket, schema.PlaceRegion,
		schema.PlaceAccessKey, schema.PlaceSecretSealed, schema.PlacePathStyle, schema.PlacePrefix, schema.PlacePassphraseSealed} {
		if p.GetString(f) != as.GetString(f) {
			return false
		}
	}
	return true
}

// open returns the place as one of backups, and its passphrase.
func (p *Place) open(keys Keys, dataDir string) (place, string, error) {
	d, passphrase, err := p.Depot(keys, dataDir)
	return place{d}, passphrase, err
}

// Depot is where the place keeps things, and its passphrase, "" for none.
func (p *Place) Depot(keys Keys, dataDir string) (depot.Depot, string, error) {
	unseal := func(field string) (string, error) {
		sealed := p.GetString(field)
		if sealed == "" {
			return "", nil
		}
		b, err := keys.Open(sealed)
		if err != nil {
			return "", fmt.Errorf("read what is sealed of %s: %w", p.GetString(schema.PlaceName), err)
		}
		return string(b), nil
	}
	passphrase, err := unseal(schema.PlacePassphraseSealed)
	if err != nil {
		return nil, "", err
	}
	if !p.bucket() {
		return depot.Folder(p.Folder(dataDir)), passphrase, nil
	}
	secret, err := unseal(schema.PlaceSecretSealed)
	if err != nil {
		return nil, "", err
	}
	prefix := strings.TrimLeft(path.Clean("/"+p.GetString(schema.PlacePrefix)), "/")
	if prefix != "" {
		prefix += "/"
	}
	return depot.Bucket{
		Name: p.GetString(schema.PlaceBucket), Region: p.GetString(schema.PlaceRegion), Endpoint: p.GetString(schema.PlaceEndpoint),
		AccessKey: p.GetString(schema.PlaceAccessKey), SecretKey: secret, Prefix: prefix, PathStyle: p.GetBool(schema.PlacePathStyle),
	}, passphrase, nil
}

// newest sorts backups, the newest first.
func newest(all []File) []File {
	slices.SortFunc(all, func(a, b File) int {
		x, _ := timeOf(a.Name)
		y, _ := timeOf(b.Name)
		return y.Compare(x)
	})
	return all
}
