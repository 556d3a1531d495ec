namespace Weft.Proxy.Bootstrap;

/// <summary>
/// Waits for everything that must have been heard of before something may begin: the routes and secrets of a listener, the discovery services
/// of the server. Main thread.
/// </summary>
/// <param name="name">What waits, for <c>/init_dump</c>: <c>Listener-init-target web:1</c>.</param>
public sealed class InitManager(string name)
{
    private readonly List<InitTarget> _targets = [];
    private Action? _done;
    private int _waiting;

    public string Name { get; } = name;

    public bool IsStarted { get; private set; }

    /// <summary>Nothing is waited for (yet).</summary>
    public bool IsEmpty => _targets.Count == 0;

    /// <summary>Everything has been heard of.</summary>
    public bool IsReady => IsStarted && _waiting == 0;

    /// <summary>The names of what is still waited for.</summary>
    public IEnumerable<string> Unready => _targets.Where(target => !target.IsReady).Select(target => target.Name);

    /// <summary>Adds something to wait for; <paramref name="start"/> runs when waiting begins, or now when it has begun.</summary>
    public InitTarget Add(string name, Action<InitTarget> start)
    {
        var target = new InitTarget(this, name, start);
        _targets.Add(target);
        if (IsStarted)
        {
            _waiting++;
            target.Start();
        }

        return target;
    }

    /// <summary>Begins; <paramref name="done"/> is called once, when nothing is waited for (any more), possibly from within this call.</summary>
    public void Start(Action done)
    {
        (IsStarted, _done) = (true, done);
        var targets = _targets.ToArray();
        _waiting += targets.Length + 1;
        foreach (var target in targets)
            target.Start();
        OnReady();
    }

    internal void OnReady()
    {
        if (--_waiting > 0)
            return;
        var done = _done;
        _done = null;
        done?.Invoke();
    }
}

/// <summary>One thing that an <see cref="InitManager"/> waits for.</summary>
public sealed class InitTarget
{
    private readonly InitManager _manager;
    private readonly Action<InitTarget> _start;
    private bool _isWaitedFor;

    internal InitTarget(InitManager manager, string name, Action<InitTarget> start) => (_manager, Name, _start) = (manager, name, start);

    public string Name { get; }

    public bool IsReady { get; private set; }

    /// <summary>It has been heard of, or never will be; further calls do nothing.</summary>
    public void Ready()
    {
        if (IsReady)
            return;
        IsReady = true;
        if (_isWaitedFor)
            _manager.OnReady();
    }

    internal void Start()
    {
        _isWaitedFor = true;
        if (IsReady)
            _manager.OnReady();
        else
            _start(this);
    }
}
