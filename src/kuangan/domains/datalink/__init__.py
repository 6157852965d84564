"""Django face of telemetry: who may upload, what arrived, what was refused and why."""
