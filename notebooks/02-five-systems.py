# ---
# jupyter:
#   jupytext:
#     formats: ipynb,py:percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 第二课 一条街,五种体制
#
# **问题**:同样的18000户居民、同样的诉求,换成金凤、门头沟、青岛、海淀、上海的体制,等候、办结、跑动各会怎样?
# 差别来自哪一项机制?
#
# 五种体制各有原文依据(单位名称、人数、规则),但**没有一份文献给出办理时长**,时长都是写明区间的假设。
# 因此本课比较的是"方向和大致多少",不是哪座城市办得更好。
#
# 完整的比较在命令行里运行(10次重复、每次52周):
#
# ```
# yizhan compare scenarios/five-systems.yaml
# ```
#
# 课堂上只跑八周、三次重复:道理是一样的,但区间宽得多,**等候的名次也会与全年的结果不同**,不能引用。

# %%
# %matplotlib inline
from pathlib import Path

import pandas as pd

import sim

SCENARIOS = Path("..") / "scenarios" / "five-systems"
SHORT = {"run.cohort": "8 weeks", "run.warm_up": "4 weeks", "run.drain": "4 weeks"}
LEVELS = {
    "department": "区级部门",
    "street": "街道机关",
    "area": "片区",
    "community": "社区",
    "committee": "居委会(只做自治)",
    "posted": "其中:部门下沉人员",
}
NAMES = ["jinfeng-before", "jinfeng-after", "mentougou", "qingdao", "haidian", "shanghai"]
systems = {name: sim.load(SCENARIOS / f"{name}.yaml", SHORT) for name in NAMES}

# %% [markdown]
# ## 同一批案件,六次
#
# 每件事项何时发生、要多少工作、材料齐不齐,都在体制之外预先抽定,六种安排面对的是**同一批**案件。

# %%
result = sim.compare(*systems.values(), replications=3)
TITLES = {each["name"]: each["title"]["zh"] for each in result.manifest["scenarios"]}
people = {each["title"]["zh"]: each["standing"] for each in result.manifest["scenarios"]}
pd.DataFrame(people).rename(index=LEVELS)

# %% [markdown]
# 先看谁站在哪里。人头数并不相同:青岛增加编制,海淀有部门人员下沉,上海的基本管理单元有"3+3"。这是这些体制本身的一部分,
# 但读任何差异之前都要先想到它(`--option equal` 另有一张人数相同的表)。

# %%
SHOWN = {
    "resident_hours_per_case": "每件耗费居民小时",
    "wait_visit_min": "每次到场等候(分钟)",
    "visits_per_case": "每件跑动次数",
    "close_days": "办结用时(天)",
    "on_time_share": "按时办结率",
}
table = result.comparison
table = table[table["measure"].isin(SHOWN) & table["group"].fillna("").eq("")]
wide = table.pivot_table(index="measure", columns="scenario", values="mean").loc[list(SHOWN), list(TITLES)]
wide.rename(index=SHOWN, columns=TITLES).round(2)

# %% [markdown]
# 差异与区间:`difference` 是与改革前(倒金字塔)的配对差异,区间含0就**分不出高下**。只有三次重复,区间很宽。

# %%
hours = table[table["measure"].eq("resident_hours_per_case")].iloc[1:]
hours.set_index(hours["scenario"].map(TITLES))[["difference", "difference_low", "difference_high"]].round(3)

# %%
result.chart("systems", "zh")

# %% [markdown]
# ## 办件去了哪里

# %%
result.chart("flows", "zh")

# %% [markdown]
# ## 是哪一项机制?
#
# 把一项机制单独去掉,其余不变,再与完整体制相比:横条向右,是去掉它之后变多了,也就是它原来在起作用。
# 这里只有两次重复,许多横条是灰的:分不出高下,不等于没有作用(完整的10次见命令行)。

# %%
alone = sim.sweep(Path("..") / "scenarios" / "experiments" / "mechanisms-haidian.yaml", replications=2)
alone.chart("tornado", "zh")  # 居民耗时与等候

# %%
alone.chart("tornado", "zh", page=2)  # 办结用时

# %% [markdown]
# ## 没有人拖延、没有人敷衍,会怎样?
#
# 督办和核查是为了防拖延、防敷衍。模型里二者的多少是没有依据的假设,所以另有一张表,假定都没有:
#
# ```
# yizhan compare scenarios/five-systems.yaml --option diligent
# ```
#
# ## 练习
#
# 1. 用 `--option equal` 跑人数相同的表。哪个体制的名次变了?它的人原来多在哪里?
# 2. 对门头沟、青岛、上海各跑一遍 `mechanisms-*.yaml`。哪一项机制在四个体制中都有用?为什么?
# 3. 用 `yizhan explain scenarios/five-systems/haidian.yaml` 看各数字的来源。选三个"假设",
#    换成区间的两端再比一次,结论还成立吗?
# 4. 用 `--option diligent` 比较海淀和上海。督办、核查的好处剩下多少?坏处还有多少?
