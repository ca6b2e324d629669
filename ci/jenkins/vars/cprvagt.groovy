// A step for Jenkins pipelines, from a shared library whose root is this folder's parent (docs/ci.md):
//   cprvagt command: 'npx playwright test', sut: 'test.selvbetjening.example.dk'
// cprvagt and its scripts are on the agent's PATH (release archive, image). Reports are kept whatever the run comes to.

def call(Map settings) {
    def known = [
        command: 'CPRVAGT_COMMAND', sut: 'CPRVAGT_SUT', registry: 'CPRVAGT_REGISTRY', baseline: 'CPRVAGT_BASELINE',
        failOn: 'CPRVAGT_FAIL_ON', args: 'CPRVAGT_ARGS', out: 'CPRVAGT_OUT',
    ]
    def unknown = settings.keySet() - known.keySet()
    if (unknown) {
        error("cprvagt: no such setting: ${unknown.join(', ')}; there are ${known.keySet().join(', ')}")
    }
    if (!settings.command) {
        error('cprvagt: command is missing: it is what starts your tests')
    }
    def all = [out: 'cprvagt-out'] + settings
    def code = 0
    try {
        // As variables, never within the script: what a setting holds is no shell.
        withEnv(all.collect { name, value -> "${known[name]}=${value}" as String }) {
            code = sh(script: 'cprvagt-ci', label: 'tests behind cprvagt', returnStatus: true)
        }
    } finally {
        junit(testResults: "${all.out}/cprvagt.junit.xml", allowEmptyResults: true)
        archiveArtifacts(artifacts: "${all.out}/**", allowEmptyArchive: true)
    }
    if (code != 0) {
        error("cprvagt: exit code ${code}: see the log and the reports")
    }
}
