// Runs the step of ci/jenkins as Jenkins does, with the few steps it calls made here: `sh` runs, the others tell what
// they were given. Arguments: the step's file, then its settings as NAME=VALUE.
def variables = [:]
def steps = new Binding()
steps.withEnv = { List<String> all, Closure body ->
    all.each { one -> def (name, value) = one.split('=', 2); variables[name] = value }
    body()
}
steps.sh = { Map told ->
    def job = new ProcessBuilder('sh', '-c', told.script)
    job.environment().putAll(variables)
    job.inheritIO().start().waitFor()
}
steps.junit = { Map told -> println "junit ${told.testResults}" }
steps.archiveArtifacts = { Map told -> println "archive ${told.artifacts}" }
steps.error = { String told -> throw new IllegalStateException(told) }

def step = new GroovyShell(steps).parse(new File(args[0]))
def settings = args.drop(1).collectEntries { one -> def (name, value) = one.split('=', 2); [(name): value] }
try {
    step.call(settings)
    println 'passed'
} catch (IllegalStateException told) {
    println "failed: ${told.message}"
}
