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
# # 第一课 一条街,两种体制
#
# **问题**:同样的居民、同样的诉求,"倒金字塔"与"一委一站一居"两种体制下,居民等多久、跑几趟、多久办结?
#
# 本课不需要联网。一次完整的比较(10次重复、每次52周)在命令行里运行:
#
# ```
# yizhan compare scenarios/jinfeng/before.yaml scenarios/jinfeng/after.yaml --replications 10
# ```
#
# 课堂上我们只跑较短的一段时间,几十秒就够了;区间会宽一些,道理是一样的。

# %%
# %matplotlib inline
from pathlib import Path

import sim

SCENARIOS = Path("..") / "scenarios" / "jinfeng"
SHORT = {"run.cohort": "8 weeks", "run.warm_up": "4 weeks", "run.drain": "4 weeks"}
before = sim.load(SCENARIOS / "before.yaml", overrides=SHORT)
after = sim.load(SCENARIOS / "after.yaml", overrides=SHORT)

# %% [markdown]
# ## 先看"面单":这个情景意味着什么
#
# 在画任何图之前,先读一页数字。如果一位街道干部看了说"不对",就应当先改情景,而不是先看结果。

# %%
from sim.facesheet import face_sheet

for what, how_much in face_sheet(before.scenario, "zh"):
    print(f"{what}:{how_much}")

# %% [markdown]
# ## 同一批居民,同一天,换一种体制
#
# 每件事项的到来、工作量、材料是否齐全、耐心,都在体制之外预先抽定。两种体制面对的是**同一批**案件,
# 所以差异可以一件一件地配对比较,而不会被运气淹没。

# %%
result = sim.compare(before, after, replications=3)
table = result.comparison
main = ["resident_hours_per_case", "wait_visit_min", "visits_per_case", "close_days", "on_time_share"]
table[table["measure"].isin(main) & table["group"].fillna("").eq("")].round(2)

# %% [markdown]
# ## 看图

# %%
result.chart("pyramid", "zh")

# %%
result.chart("waits", "zh")

# %% [markdown]
# ## 练习
#
# 1. 把 `after.yaml` 换成 `after-pooled.yaml`(四个窗口合成一队)。等候时间变化多少?办结时间呢?为什么不一样?
# 2. 把需求提高到1.25倍(`overrides` 里加 `"demand.scale": 1.25`),哪个社区最先吃紧?
# 3. `before-same-people.yaml` 让旧体制只用改革后的人数。"人多"和"体制不同"各解释了多少差异?
#
# **提示**:任何一个数字的来源,都可以用 `yizhan explain scenarios/jinfeng/after.yaml` 查到。
# 凡写明"假设"的,请先换成区间的两端,再下结论。
