from django.apps import AppConfig


class SiteConfig(AppConfig):
    name = "kuangan.site"
    label = "kuangan_site"
    verbose_name = "站点"

    def ready(self) -> None:
        from kuangan.base.case import announced, flow, panels, tasks
        from kuangan.base.compliance import checks, serving
        from kuangan.base.deadlines import subjects
        from kuangan.base.notices import answers
        from kuangan.base.registry import publication
        from kuangan.domains.alerts import people
        from kuangan.domains.alerts.health import load
        from kuangan.domains.datalink.exchange import sources
        from kuangan.domains.duty import drills, figures, handing
        from kuangan.domains.rulebook import shadows
        from kuangan.domains.selfcheck import known
        from kuangan.domains.selfcheck.publicity import visits
        from kuangan.portal import menu
        from kuangan.site import wiring

        menu.install(wiring.MENU)
        flow.install(wiring.FLOWS)
        checks.install(wiring.CHECKS)
        subjects.install(wiring.SUBJECTS)
        announced.install(wiring.COVERING)
        panels.install(wiring.PANELS)
        tasks.install(wiring.TASKS)
        answers.install(wiring.ANSWERS)
        drills.install(wiring.DRILL)
        figures.install(wiring.SILENCE)
        sources.install(wiring.EXCHANGED)
        people.install(wiring.PEOPLE_BELOW)
        handing.install(wiring.OPEN_LINES)
        publication.install(wiring.CARETAKERS, wiring.INSPECTIONS)
        shadows.install(wiring.RAISING)
        load.install(wiring.STAFFING)
        serving.install(wiring.SERVING, wiring.TEXTS)
        known.install(wiring.KNOWN)
        visits.install(wiring.VISITS, wiring.VISIT_ADDRESS)
