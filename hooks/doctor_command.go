package hooks

import (
	"errors"

	"github.com/pocketbase/dbx"
	"github.com/pocketbase/pocketbase/core"
	"github.com/shohay/shohay/hooks/doctor"
	"github.com/spf13/cobra"
)

// DoctorCommand examines the data folder; service tells the state of the
// service, and wrong is what the command ends with when something is wrong.
func DoctorCommand(app core.App, version string, service func() string, wrong error) *cobra.Command {
	return doctor.Command(doctorDeps(version, service), app.DataDir, wrong)
}

// BundleCommand packs what somebody who helps needs to know.
func BundleCommand(app core.App, version string, service func() string) *cobra.Command {
	return doctor.BundleCommand(doctorDeps(version, service), app.DataDir)
}

func doctorDeps(version string, service func() string) doctor.Deps {
	return doctor.Deps{Version: version, PocketBase: PocketBaseVersion(), Compare: compareVersion, Service: service}
}

// compareVersion tells how the migrations of a database stand to ours.
func compareVersion(db *dbx.DB) (doctor.Version, error) {
	switch pending, used, err := pendingMigrations(db); {
	case errors.Is(err, ErrNewer):
		return doctor.VersionNewer, nil
	case err != nil:
		return doctor.VersionSame, err
	case pending && used:
		return doctor.VersionOlder, nil
	}
	return doctor.VersionSame, nil
}
