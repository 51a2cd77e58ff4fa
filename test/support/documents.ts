/** The example of the design, whole: every field that an author usually writes. */
export const EXAMPLE = `apiVersion: sluice/v1
kind: WorkerPolicy
metadata:
  name: taskiq-workers            # must equal the parameter's last path segment
spec:
  mode: enforce                   # enforce | observe | paused
  queue: { name: taskiq-tasks }
  service: { cluster: demo, name: taskiq-workers }
  interval: 10s
  scaling:
    minWorkers: 2
    maxWorkers: 20
    strategies:
      - type: threshold
        scaleUpThreshold: 5
        scaleDownThreshold: 2
        step: 1
    scaleUp:   { cooldown: 60s }
    scaleDown: { cooldown: 60s, keepInFlight: true }
    schedules: []
  chaos:
    enabled: false
    experiments: []
  alerts: []
`;
