package schema

// BackupPlaces are where backups are written to.
const BackupPlaces = "backup_places"

// Fields of backup_places and their kinds.
const (
	PlaceName             = "name"
	PlaceActive           = "active"
	PlaceKind             = "kind"
	PlaceFolder           = "folder"
	PlaceEndpoint         = "endpoint"
	PlaceBucket           = "bucket"
	PlaceRegion           = "region"
	PlaceAccessKey        = "access_key"
	PlaceSecretKey        = "secret_key" // as typed; emptied when sealed
	PlaceSecretSealed     = "secret_sealed"
	PlacePathStyle        = "path_style"
	PlacePrefix           = "prefix"
	PlacePassphrase       = "passphrase" // as typed; emptied when sealed
	PlacePassphraseSealed = "passphrase_sealed"
	PlaceHour             = "hour"
	PlaceDaily            = "keep_daily"
	PlaceWeekly           = "keep_weekly"
	PlaceMonthly          = "keep_monthly"
	PlaceLastTry          = "last_try"
	PlaceLastGood         = "last_good"
	PlaceLastFile         = "last_file"
	PlaceLastBytes        = "last_bytes"
	PlaceLastError        = "last_error"
	PlaceContinuous       = "continuous" // every change is copied at once
	PlaceLiveGood         = "live_good"
	PlaceLiveError        = "live_error"

	PlaceKindFolder = "folder"
	PlaceKindBucket = "s3"
)
