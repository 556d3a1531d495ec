using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Weft.EndToEnd.Tests.Harness;

/// <summary>dnsmasq on a host, with answers that change while it runs. One name may have several addresses.</summary>
internal sealed class NameServer : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("weft-dns-").FullName;
    private readonly Process _process;

    public NameServer(NetworkHost host, string[] records)
    {
        Directory.CreateDirectory(Path.Combine(_directory, "records"));
        Write(records);
        // No more than the answers below it; a time to live of 1 s, so that whoever keeps to it soon sees a change.
        _process = Process.Start(host.Command(
            Shell.PathOf("dnsmasq"),
            "--keep-in-foreground", "--conf-file=/dev/null", "--no-resolv", "--no-hosts", "--no-poll", "--user=root", "--pid-file=",
            "--local=/#/", "--local-ttl=1", "--bind-interfaces", $"--listen-address={host.Address}", $"--addn-hosts={_directory}/records"))!;
        WaitUntilListening(host);
    }

    /// <summary>Replaces all answers.</summary>
    public void Change(params string[] records)
    {
        Write(records);
        Shell.Run("kill", ["-HUP", _process.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
    }

    /// <summary>The server ends, and its questions stay without an answer.</summary>
    public void Stop()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.WaitForExit();
    }

    public void Dispose()
    {
        Stop();
        _process.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private void Write(string[] records) => File.WriteAllLines(Path.Combine(_directory, "records", "hosts"), records);

    private void WaitUntilListening(NetworkHost host)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            try
            {
                using var socket = NetworkNamespace.Run(host.Namespace, () => new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp));
                socket.Connect(IPAddress.Parse(host.Address), 53);
                return;
            }
            catch (SocketException) when (clock.Elapsed < Patience.Limit)
            {
                Thread.Sleep(10);
            }
        }
    }
}
