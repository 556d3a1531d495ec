namespace Weft.Proxy.Admin;

/// <summary>One path of the admin interface. Stateless but for what it is made of; main thread.</summary>
public abstract class AdminEndpoint(string path, string help)
{
    public string Path { get; } = path;

    /// <summary>One line for <c>/help</c>.</summary>
    public string Help { get; } = help;

    /// <summary>Changes something: only POST is allowed.</summary>
    public bool Mutates { get; init; }

    public IReadOnlyList<AdminParameter> Parameters { get; init; } = [];

    /// <summary>Fills the response.</summary>
    public abstract void Handle(AdminRequest request, AdminResponse response);
}
