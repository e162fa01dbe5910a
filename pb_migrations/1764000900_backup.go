package migrations

import (
	"github.com/pocketbase/pocketbase/core"
	m "github.com/pocketbase/pocketbase/migrations"
	"github.com/pocketbase/pocketbase/tools/types"
)

func init() {
	m.Register(backupUp, backupDown)
}

func backupUp(app core.App) error {
	places := base("shohay_places01", "backup_places",
		text("name", "What you call this place, such as “USB disk” or “Wasabi”.", required, presentable, long(80)),
		flag("active", "Backups are written here every night. Switching it off keeps what is there."),
		oneOf("kind", "A folder of this machine (another disk, a mounted share) or a bucket of S3-compatible storage.", true, "folder", "s3"),
		text("folder", "Full path of the folder. Empty is the folder “backups” beside the data: it helps against mistakes, not against a broken disk.", long(500)),
		text("endpoint", "Address of the storage, such as https://s3.eu-central-1.wasabisys.com.", long(300), like(`^https?://[^\s/]+(/[^\s]*)?$`)),
		text("bucket", "Name of the bucket. It has to exist.", long(100)),
		text("region", "Region as the provider writes it, such as eu-central-1 or auto.", long(60)),
		text("access_key", "The access key's public half.", long(200)),
		text("secret_key", "The access key's secret half. It is stored sealed and never shown again; leave it empty to keep the one there is.", long(300)),
		text("secret_sealed", "The sealed secret.", hidden, long(2000)),
		flag("path_style", "The storage wants the bucket's name in the path, as MinIO and most own servers do."),
		text("prefix", "Folder within the bucket, such as shop/.", long(200)),
		text("passphrase", "Encrypts the backups of this place. A bucket needs one. Write it down elsewhere: without it nobody can read them, neither can we. It is stored sealed and never shown again.", long(200)),
		text("passphrase_sealed", "The sealed passphrase.", hidden, long(2000)),
		whole("hour", "Hour of the day, in the shop's time zone, at which the backup is written.", 0, 23),
		whole("keep_daily", "How many daily backups stay. With 0 here and in the next two only the newest stays.", 0, 366),
		whole("keep_weekly", "How many weekly backups stay beyond these.", 0, 520),
		whole("keep_monthly", "How many monthly backups stay beyond these.", 0, 120),
		moment("last_try", "When the last backup was begun."),
		moment("last_good", "When the last backup was written and read back without a fault."),
		text("last_file", "Its name.", long(100)),
		counter("last_bytes", "Its size in bytes."),
		text("last_error", "What was wrong with the last one; empty when it went well.", long(1000)),
	)
	places.ListRule, places.ViewRule = types.Pointer(isOwner), types.Pointer(isOwner)
	places.CreateRule, places.UpdateRule, places.DeleteRule = types.Pointer(isOwner), types.Pointer(isOwner), types.Pointer(isOwner)
	if err := app.Save(places); err != nil {
		return err
	}
	first := core.NewRecord(places)
	first.Id = "shohay_place001"
	first.Load(map[string]any{
		"name": "This machine", "active": true, "kind": "folder", "hour": 3, "keep_daily": 7, "keep_weekly": 4, "keep_monthly": 12,
	})
	return app.SaveNoValidate(first)
}

func backupDown(app core.App) error { return drop(app, "backup_places") }
