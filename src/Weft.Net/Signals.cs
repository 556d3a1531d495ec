using System.Runtime.InteropServices;

namespace Weft.Net;

/// <summary>The signals of a server, brought to a loop: SIGTERM and SIGINT ask it to end, SIGUSR1 to reopen its logs, SIGHUP is ignored.</summary>
public sealed class Signals : IDisposable
{
    /// <summary>SIGUSR1 of Linux; the runtime takes raw numbers too.</summary>
    private const PosixSignal UserSignal1 = (PosixSignal)10;

    private readonly List<PosixSignalRegistration> _registrations = [];

    /// <summary>From here on the signals no longer end the process by themselves.</summary>
    /// <param name="loop">Where the callbacks run.</param>
    /// <param name="onTerminate">SIGTERM or SIGINT; comes again when the signal does.</param>
    /// <param name="onReopenLogs">SIGUSR1.</param>
    public Signals(EventLoop loop, Action<PosixSignal> onTerminate, Action onReopenLogs)
    {
        On(PosixSignal.SIGTERM, () => loop.Post(() => onTerminate(PosixSignal.SIGTERM)));
        On(PosixSignal.SIGINT, () => loop.Post(() => onTerminate(PosixSignal.SIGINT)));
        On(UserSignal1, () => loop.Post(onReopenLogs));
        On(PosixSignal.SIGHUP, static () => { });
    }

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
    }

    private void On(PosixSignal signal, Action action) =>
        _registrations.Add(PosixSignalRegistration.Create(signal, context =>
        {
            context.Cancel = true;
            action();
        }));
}
