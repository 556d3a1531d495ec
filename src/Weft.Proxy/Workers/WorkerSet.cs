using Weft.Base;

namespace Weft.Proxy.Workers;

/// <summary>
/// The main thread's <see cref="Worker"/> and the data-plane workers with their threads. Main thread only.
/// </summary>
public sealed class WorkerSet : IDisposable
{
    private readonly Thread[] _threads;
    private bool _started;

    /// <param name="concurrency">Worker threads (--concurrency), at least 1.</param>
    /// <param name="random">Seeds those of the threads.</param>
    /// <param name="node">Who this proxy is.</param>
    public WorkerSet(int concurrency, RandomSource random, Envoy.Config.Core.V3.Node node)
    {
        Workers = new Worker[concurrency];
        for (var i = 0; i < concurrency; i++)
            Workers[i] = new Worker(i, $"worker_{i}", new RandomSource(random.Next())) { Node = node };
        Main = new Worker(concurrency, "main_thread", new RandomSource(random.Next())) { Node = node };
        _threads = new Thread[concurrency];
    }

    /// <summary>The main thread's parts; its loop is run by the server.</summary>
    public Worker Main { get; }

    public Worker[] Workers { get; }

    /// <summary>Starts the worker threads.</summary>
    public void Start()
    {
        if (_started)
            return;
        _started = true;
        for (var i = 0; i < _threads.Length; i++)
        {
            _threads[i] = new Thread(Workers[i].Run) { Name = Workers[i].Name, IsBackground = true };
            _threads[i].Start();
        }
    }

    /// <summary>Runs <paramref name="work"/> on every worker's thread (not on the main one); before <see cref="Start"/> it waits in their queues.</summary>
    public void ForEach(Action<Worker> work)
    {
        foreach (var worker in Workers)
            worker.Loop.Post(() => work(worker));
    }

    /// <summary>Like <see cref="ForEach(Action{Worker})"/>, then <paramref name="done"/> on the main thread when all have run it.</summary>
    public void ForEach(Action<Worker> work, Action done)
    {
        var left = Workers.Length;
        ForEach(worker =>
        {
            work(worker);
            if (Interlocked.Decrement(ref left) == 0)
                Main.Loop.Post(done);
        });
    }

    /// <summary>Ends the worker threads after their current turn and waits for them.</summary>
    public void Stop()
    {
        if (!_started)
            return;
        foreach (var worker in Workers)
            worker.Loop.Stop();
        foreach (var thread in _threads)
            thread.Join();
        _started = false;
    }

    public void Dispose()
    {
        Stop();
        foreach (var worker in Workers)
            worker.Dispose();
        Main.Dispose();
    }
}
